import type { Generate } from '../programs/generate.ts'
import type { LandResult, Squash, SquashResult, Trunk } from '../trunk.ts'
import { BaseBranch, type BaseBranchOptions } from './base-branch.ts'
import { MergeWorktree, type MergeWorktreeOptions } from './merge-worktree.ts'
import type { Repository } from './repository.ts'
import { commitOf, squash } from './squash.ts'

/** What the trunk is made of. */
export interface GitTrunkOptions extends BaseBranchOptions, Omit<MergeWorktreeOptions, 'name'> {
  /** Makes files of what is to land; missing where there are none to be made. */
  readonly generate?: Generate | undefined
}

/** The base branch of a git repository. */
export class GitTrunk implements Trunk {
  readonly branch: BaseBranch
  readonly #repository: Repository
  readonly #options: GitTrunkOptions
  readonly #worktrees = new Map<number, MergeWorktree>()
  readonly #generate: Generate | undefined
  /** What was made of which tree lately: items that wait are squashed again and again. */
  readonly #generated = new Map<string, string>()

  constructor(options: GitTrunkOptions) {
    this.branch = new BaseBranch(options)
    this.#repository = options.repository
    this.#options = options
    this.#generate = options.generate
  }

  head(): Promise<string> {
    return this.branch.head()
  }

  async squash(branch: string, subject: string, onto?: Squash): Promise<SquashResult> {
    const { git, baseRef, identity } = this.#repository
    const ground = onto?.commit ?? baseRef
    const wanted = [`refs/heads/${branch}`, ground].map((ref) => `${ref}^{commit}`)
    const found = await git.attempt(['rev-parse', '--quiet', ...wanted, `${ground}^{tree}`])
    if (found.code !== 0) return this.head().then(() => ({ kind: 'no-commits' }))
    const [tip = '', base = '', baseTree = ''] = found.stdout.split('\n')
    const worktree = await this.#worktree(0).at(base)
    const made = await squash(worktree, { base, baseTree, tip, subject, identity })
    if (made.kind !== 'squashed' || !this.#generate) return made
    return this.#withGenerated(made.squash, baseTree, subject, this.#generate)
  }

  checkOut({ commit }: Squash, lane = 0): Promise<string> {
    return this.#worktree(lane).checkOut(commit)
  }

  land(item: number, squashed: Squash): Promise<LandResult> {
    return this.branch.land(item, squashed)
  }

  finish(): Promise<{ readonly item: number; readonly commit: string } | undefined> {
    return this.branch.finish()
  }

  forget(item: number): void {
    this.branch.forget(item)
  }

  #worktree(lane: number): MergeWorktree {
    const known = this.#worktrees.get(lane)
    if (known) return known
    const name = lane === 0 ? 'merge' : `merge-${lane + 1}`
    const worktree = new MergeWorktree({ ...this.#options, name })
    this.#worktrees.set(lane, worktree)
    return worktree
  }

  /** The same commit with what the project has made of its files. */
  async #withGenerated(
    { commit, base, tree: from }: Squash,
    baseTree: string,
    subject: string,
    generate: Generate,
  ): Promise<SquashResult> {
    const tree = this.#generated.get(from) ?? (await this.#worktree(0).generate(commit, generate))
    this.#remember(from, tree)
    if (tree === baseTree) return { kind: 'empty-diff' }
    if (tree === from) return { kind: 'squashed', squash: { commit, base, tree } }
    const { git, identity } = this.#repository
    return { kind: 'squashed', squash: await commitOf(git, { base, tree, subject, identity }) }
  }
  #remember(from: string, to: string): void {
    this.#generated.delete(from)
    this.#generated.set(from, to)
    const [oldest] = this.#generated.keys()
    if (this.#generated.size > mostGenerated && oldest !== undefined) this.#generated.delete(oldest)
  }
}

/** Trees are names of 40 letters: what is forgotten is only made again. */
const mostGenerated = 64
