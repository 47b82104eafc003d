/** A commit that holds an item's whole work on top of the base branch, and is on no branch yet. */
export interface Squash {
  readonly commit: string
  /** The base branch's head that it was built on: its only parent. */
  readonly base: string
  readonly tree: string
}

export type SquashResult =
  | { readonly kind: 'squashed'; readonly squash: Squash }
  /** The branch and the base changed the same lines of `files`. */
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  /** The branch has commits, but they change nothing that the base branch has not. */
  | { readonly kind: 'empty-diff' }
  | { readonly kind: 'no-commits' }

export type LandResult =
  | { readonly kind: 'landed'; readonly commit: string }
  /** Somebody else moved the base branch: build it again. */
  | { readonly kind: 'moved' }
  /** It is for people to merge; the sentence says what it waits for. */
  | { readonly kind: 'proposed'; readonly sentence: string }
  /** A remote does not take it, for a reason of its own. */
  | { readonly kind: 'refused'; readonly because: string }
  /** A person's uncommitted changes in `checkout` would be overwritten: wait for them. */
  | {
      readonly kind: 'waiting'
      readonly checkout: string
      readonly files: readonly string[]
      /** What else keeps the checkout from being brought along: `a merge is under way`. */
      readonly because?: string
    }

/**
 * Problems that speak against no item, because nothing can land as long as they last: they are looked
 * at again after a while.
 */
export const holdingUp: readonly string[] = [
  'remote-unreachable',
  'remote-credentials',
  'no-remote-branch',
  'local-commits',
  'checkout-in-the-way',
  'git-locked',
]

/**
 * The base branch of one repository, and the only way in which it moves: by compare-and-swap, to a
 * commit that was built in memory and judged as exactly that tree.
 */
export interface Trunk {
  /** The base branch's head. */
  head(): Promise<string>
  /**
   * Squashes `branch` on the base's head without touching any checkout. Where the base branch follows
   * a remote, it is asked first, and the base branch brought along. `onto` is an earlier squash that
   * is to land before this one.
   */
  squash(branch: string, subject: string, onto?: Squash): Promise<SquashResult>
  /**
   * Puts exactly the squash's tree into the merge worktree (setup commands run when they are due)
   * and returns its path. What was there before is gone: the merge worktree is nobody's. There is one
   * for each lane, from 0, so that several trees can be judged at a time.
   */
  checkOut(squash: Squash, lane?: number): Promise<string>
  /**
   * Moves the base branch from `squash.base` to `squash.commit`, and brings every checkout of it
   * along. Whether that would touch a person's uncommitted changes is tested before. The intent is
   * stored durably first, so that `finish` can complete what a crash cut short.
   */
  land(item: number, squash: Squash): Promise<LandResult>
  /**
   * Completes the landing that was under way when the program last stopped: returns the item and
   * its commit if the base branch has it, undefined if there was none or it had not moved.
   */
  finish(): Promise<{ readonly item: number; readonly commit: string } | undefined>
  /** Forgets the stored landing, once its result has been applied to the item. */
  forget(item: number): void
}
