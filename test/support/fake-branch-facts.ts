import type { BranchFacts, BranchState, Log } from '../../src/pipeline/branch-facts.ts'

/** A base branch that is only told about. */
export class FakeBranchFacts implements BranchFacts {
  /** Whether branches have nothing that the base branch has not. */
  merged = false
  /** Each commit's files, with the lines that were added and removed. */
  readonly commits = new Map<string, readonly (readonly [string, number, number])[]>()
  past: Log = { commits: [] }
  now: BranchState = {
    base: 'main',
    head: { id: 'abc1234def', subject: 'first' },
    checkedOut: 'main',
    uncommitted: [],
  }

  async log(since?: string): Promise<Log> {
    return since === undefined ? this.past : { ...this.past, since }
  }

  async changes(commit: string) {
    return this.commits
      .get(commit)
      ?.map(([path, added, removed]) => ({ path, lines: { added, removed } }))
  }

  async state(): Promise<BranchState> {
    return this.now
  }

  async files() {
    return [
      { path: 'src/long.ts', lines: 300 },
      { path: 'a`b.md', lines: 2 },
    ]
  }

  async contains(): Promise<boolean> {
    return this.merged
  }
}
