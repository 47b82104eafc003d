/** A commit on the base branch. */
export interface Commit {
  readonly id: string
  /** The first line of its message. */
  readonly subject: string
}

/** The base branch since a point in its past. */
export interface Log {
  /** The tag or other name of that point; missing where it goes back to the beginning. */
  readonly since?: string
  /** Newest first. */
  readonly commits: readonly Commit[]
}

/** What a commit did to one file. Lines are missing where it is binary. */
export interface FileChange {
  readonly path: string
  readonly lines?: { readonly added: number; readonly removed: number }
}

/** How the base branch stands, and the checkout that the program was started in. */
export interface BranchState {
  readonly base: string
  readonly head: Commit
  /** The branch of a remote that it follows, and how far the two are apart. */
  readonly upstream?: { readonly name: string; readonly ahead: number; readonly behind: number }
  /** What is checked out in the project's checkout; a commit's id where that is no branch. */
  readonly checkedOut: string
  /** Paths with uncommitted changes there, untracked ones included. */
  readonly uncommitted: readonly string[]
}

/** A text file and its length. */
export interface FileSize {
  readonly path: string
  readonly lines: number
}

/** What can be known of the base branch without changing anything. */
export interface BranchFacts {
  /** Since the last tag, or since the commit that a person names: `Problem` `no-such-commit`. */
  log(since?: string): Promise<Log>
  /** What a commit changed; undefined where the repository does not have it. */
  changes(commit: string): Promise<readonly FileChange[] | undefined>
  state(): Promise<BranchState>
  /** The text files of the base branch, the longest first. */
  files(): Promise<readonly FileSize[]>
  /** Whether the base branch has everything that the branch would bring to it. */
  contains(branch: string): Promise<boolean>
}
