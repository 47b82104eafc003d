/** What a fresh worktree needs before anybody can work in it, and what must be undone before it goes. */
export interface Setup {
  /** Ends what earlier commands and gates of `key` have left running. */
  endEarlier(key: string): Promise<void>
  /** Changes whenever other commands are to be run. Empty where there are none. */
  readonly fingerprint: string
  /**
   * Runs the setup commands of every component in `worktree`, one after another. `key` names the
   * worktree. Throws `Problem` `setup-failed` with what the failing one printed last.
   */
  setUp(key: string, worktree: string): Promise<void>
  /** Runs the teardown commands. One that fails is logged: it keeps nothing from being removed. */
  tearDown(key: string, worktree: string): Promise<void>
}
