/** A working tree of its own for one item, outside the person's checkout. */
export interface Worktree {
  readonly item: number
  readonly path: string
  readonly branch: string
  /** A person brought it back: it is not cleaned up by itself. */
  readonly recovered?: boolean
}

/** What stands in an item's worktree, compared with the base branch. */
export interface WorkState {
  readonly branch: string
  /** The branch's tip. */
  readonly head: string
  /** Commits on the branch that the base branch has not. */
  readonly ahead: number
  /** Paths with uncommitted changes, untracked ones included. */
  readonly uncommitted: readonly string[]
  /** Names the tree of everything, uncommitted changes included: it differs whenever the work does. */
  readonly fingerprint: string
}

/** From when to when somebody was alive, in ms since the epoch. */
export interface Lifetime {
  readonly from: number
  readonly to: number
}

/** How many files differ from the last commit. */
export interface Changes {
  /** Deleted ones too. */
  readonly modified: number
  readonly added: number
}

/**
 * The git worktrees of the items of one repository. All writing goes through one mutex per
 * repository. Nothing is ever removed before a recovery ref holds it.
 */
export interface Worktrees {
  /**
   * Makes sure that the item has its worktree on `branch` (made from the base branch's head) and
   * that its setup commands have run to their end once. Calling it again does nothing.
   */
  ensure(item: number, branch: string): Promise<Worktree>
  /** The item's worktree; undefined when there is none. Asks the file system, not git. */
  find(item: number): Worktree | undefined
  /** Every worktree under our folder, of items that may be long gone too. Asks the file system. */
  all(): readonly Worktree[]
  /**
   * Takes away the locks that were made in the item's worktree, or on its branch, while one of these was
   * at work there: all of them are dead, and git never takes such a lock away. Others stay.
   */
  unlock(item: number, dead: readonly Lifetime[]): void
  /** What stands in it. Throws if the item has no worktree. */
  state(item: number): Promise<WorkState>
  /**
   * What is not committed in it, for a glance: nothing is written and no lock is taken, whoever may be at
   * work there. Undefined if the item has no worktree.
   */
  changes(item: number): Promise<Changes | undefined>
  /** The difference to the base branch as a unified diff, uncommitted changes included. */
  diff(item: number): Promise<string>
  /**
   * Merges the base branch into the item's worktree as far as git can, for whoever resolves the rest
   * there; returns the files that conflict. What is merged without a conflict is committed. Where
   * something is uncommitted, a merge that is under way included, all stays as it is.
   */
  mergeBase(item: number): Promise<readonly string[]>
  /**
   * Runs teardown commands, stores every commit and every uncommitted file under
   * `refs/huskies/recovery/item-N/K`, then removes the worktree. The branch goes too, since the
   * recovery ref holds it. Returns the ref, or undefined where there was nothing to remove.
   */
  remove(item: number): Promise<string | undefined>
  /**
   * Brings the newest removed work of the item back: its worktree on its branch, uncommitted files
   * as they were. Undefined when no recovery ref of the item exists; `Problem` `worktree-exists`
   * when it has a worktree now.
   */
  recover(item: number): Promise<Worktree | undefined>
}
