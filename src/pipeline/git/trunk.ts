import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import type { Generate } from '../generate.ts'
import type { Setup } from '../setup.ts'
import type { LandResult, Squash, SquashResult, Trunk } from '../trunk.ts'
import { bringAlong, lockIndex, overlap, unlockIndex } from './bring-along.ts'
import { type Checkout, findCheckouts, type Obstacle } from './checkouts.ts'
import { GitError } from './git.ts'
import { type Landing, Landings } from './landings.ts'
import { MergeWorktree } from './merge-worktree.ts'
import type { Repository } from './repository.ts'
import { sweepDrafts } from './snapshot.ts'
import { commitOf, squash } from './squash.ts'

/** What the trunk is made of. */
export interface GitTrunkOptions {
  readonly repository: Repository
  /** Where the merge worktree lies: the folder of the items' worktrees. */
  readonly directory: string
  readonly setup: Setup
  /** Makes files of what is to land; missing where there are none to be made. */
  readonly generate?: Generate | undefined
  /** Holds what is under way. */
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** In whose name the base branch follows a remote: items are numbered from 1. */
const nobody = 0

/** The base branch of a git repository. */
export class GitTrunk implements Trunk {
  readonly #repository: Repository
  readonly #directory: string
  readonly #setup: Setup
  readonly #worktrees = new Map<number, MergeWorktree>()
  readonly #landings: Landings
  readonly #generate: Generate | undefined
  readonly #clock: Clock
  readonly #log: Log
  /** What was made of which tree the last time: an item that waits is squashed again and again. */
  #generated: { readonly from: string; readonly to: string } | undefined

  constructor({ repository, directory, setup, generate, store, clock, log }: GitTrunkOptions) {
    this.#generate = generate
    this.#repository = repository
    this.#directory = directory
    this.#setup = setup
    this.#landings = new Landings(store)
    this.#clock = clock
    this.#log = log
  }

  async head(): Promise<string> {
    const { git, baseRef } = this.#repository
    return (await git.run(['rev-parse', '--verify', `${baseRef}^{commit}`])).trimEnd()
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
    const landing: Landing = { item, base: squashed.base, commit: squashed.commit }
    return this.#repository.mutex.run(async () => {
      await this.#prove(squashed)
      const { checkouts, obstacle } = await findCheckouts(this.#repository)
      if (obstacle) return { kind: 'waiting', ...obstacle }
      // Noted before the first lock is taken, so that no crash leaves one that nobody knows of.
      this.#landings.begin(landing, this.#clock.now())
      const result = await this.#landOn(checkouts, landing)
      for (const checkout of checkouts) unlockIndex(checkout)
      if (result.kind !== 'landed') this.#landings.end(item)
      else await this.#proveLanded(squashed)
      return result
    })
  }

  finish(): Promise<{ readonly item: number; readonly commit: string } | undefined> {
    return this.#repository.mutex.run(async () => {
      for (const landing of this.#landings.all()) {
        const { checkouts } = await findCheckouts(this.#repository)
        for (const checkout of checkouts) sweepDrafts(checkout)
        const landed = await this.#isOnBase(landing.commit)
        if (landed) for (const checkout of checkouts) await this.#complete(checkout, landing)
        for (const checkout of checkouts) unlockIndex(checkout)
        if (landed && landing.item !== nobody) return { item: landing.item, commit: landing.commit }
        this.#landings.end(landing.item)
      }
      return undefined
    })
  }

  /** The base branch's name. */
  get base(): string {
    return this.#repository.base
  }

  /** What would keep the squash from landing now, in a checkout of the base branch. */
  obstacle({ base, commit }: Squash): Promise<Obstacle | undefined> {
    return this.#repository.mutex.run(async () => {
      const { checkouts, obstacle } = await findCheckouts(this.#repository)
      if (obstacle) return obstacle
      this.#landings.begin({ item: nobody, base, commit }, this.#clock.now())
      const found = await this.#testAll(checkouts, { item: nobody, base, commit })
      for (const checkout of checkouts) unlockIndex(checkout)
      this.#landings.end(nobody)
      return found
    })
  }

  /**
   * Brings the base branch and its checkouts along to a commit that others have made, on top of what
   * it has. `moved` means that it has commits of its own, so that it stays where it is.
   */
  follow(commit: string): Promise<LandResult> {
    return this.#repository.mutex.run(async () => {
      const base = await this.head()
      if (base === commit) return { kind: 'landed', commit }
      if (!(await this.#isAncestor(base, commit))) return { kind: 'moved' }
      const { checkouts, obstacle } = await findCheckouts(this.#repository)
      if (obstacle) return { kind: 'waiting', ...obstacle }
      const landing = { item: nobody, base, commit }
      this.#landings.begin(landing, this.#clock.now())
      const result = await this.#landOn(checkouts, landing)
      for (const checkout of checkouts) unlockIndex(checkout)
      this.#landings.end(nobody)
      return result
    })
  }

  forget(item: number): void {
    this.#landings.end(item)
  }

  #worktree(lane: number): MergeWorktree {
    const known = this.#worktrees.get(lane)
    if (known) return known
    const name = lane === 0 ? 'merge' : `merge-${lane + 1}`
    const worktree = new MergeWorktree(name, this.#repository, this.#directory, this.#setup)
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
    if (this.#generated?.from !== from)
      this.#generated = { from, to: await this.#worktree(0).generate(commit, generate) }
    const tree = this.#generated.to
    if (tree === baseTree) return { kind: 'empty-diff' }
    if (tree === from) return { kind: 'squashed', squash: { commit, base, tree } }
    const { git, identity } = this.#repository
    return { kind: 'squashed', squash: await commitOf(git, { base, tree, subject, identity }) }
  }

  async #landOn(checkouts: readonly Checkout[], landing: Landing): Promise<LandResult> {
    const obstacle = await this.#testAll(checkouts, landing)
    if (obstacle) return { kind: 'waiting', ...obstacle }
    if (!(await this.#moveBase(landing))) return { kind: 'moved' }
    for (const checkout of checkouts) await this.#complete(checkout, landing)
    return { kind: 'landed', commit: landing.commit }
  }

  async #testAll(checkouts: readonly Checkout[], landing: Landing): Promise<Obstacle | undefined> {
    for (const checkout of checkouts) {
      const obstacle = await this.#test(checkout, landing)
      if (obstacle) return obstacle
    }
    return undefined
  }

  /** Locks the checkout's index, then looks whether anything of a person would be overwritten. */
  async #test(checkout: Checkout, { base, commit }: Landing): Promise<Obstacle | undefined> {
    const { path } = checkout
    if (!lockIndex(checkout))
      return { checkout: path, files: [], because: 'another git is at work' }
    const git = this.#repository.git.in(path)
    const files = await overlap(git, checkout, { from: base, to: commit })
    return files.length > 0 ? { checkout: path, files } : undefined
  }

  /** False if the base branch is no longer where the squash was built. */
  async #moveBase({ item, base, commit }: Landing): Promise<boolean> {
    const { git, baseRef } = this.#repository
    const why = item === nobody ? 'follow the remote' : `item ${item}`
    const update = ['update-ref', '-m', `huskies: ${why}`, baseRef, commit, base]
    const moved = await git.attempt(update)
    if (moved.code === 0) return true
    if ((await this.head()) !== base) return false
    throw new GitError(update, moved)
  }

  async #complete(checkout: Checkout, { base, commit }: Landing): Promise<void> {
    const { path } = checkout
    if (!lockIndex(checkout))
      throw new Problem(
        'checkout-behind',
        `Another git is at work in ${path}, which is to be brought along: let it end, or delete its index.lock.`,
      )
    const git = this.#repository.git.in(path)
    const kept = await bringAlong(git, checkout, { from: base, to: commit }).catch((cause) => {
      if (!(cause instanceof GitError)) throw cause
      const sentence = `${path} cannot be brought along to what has landed: move away what git names. ${cause.stderr.trim()}`
      throw new Problem('checkout-behind', sentence, { cause })
    })
    if (kept.length > 0)
      this.#log.warn(
        { checkout: path, kept },
        'files that were changed during a landing stay as they are',
      )
  }

  async #isOnBase(commit: string): Promise<boolean> {
    return this.#isAncestor(commit, this.#repository.baseRef)
  }

  async #isAncestor(commit: string, of: string): Promise<boolean> {
    const { git } = this.#repository
    return (await git.attempt(['merge-base', '--is-ancestor', commit, of])).code === 0
  }

  /** A commit that is not what was judged must never land. */
  async #prove({ commit, tree, base }: Squash): Promise<void> {
    const found = await this.#repository.git.run(['log', '-1', '--format=%T %P', commit])
    if (found.trimEnd() !== `${tree} ${base}`)
      throw new Error(`${commit} is ${found.trimEnd()}, but tree ${tree} on ${base} was judged`)
  }

  async #proveLanded({ commit, tree, base }: Squash): Promise<void> {
    const { git, baseRef } = this.#repository
    const found = await git.run(['log', '-1', '--format=%H %T %P', baseRef])
    // Somebody may have committed on top of it already.
    if (found.trimEnd() === `${commit} ${tree} ${base}` || (await this.#isOnBase(commit))) return
    throw new Error(`${commit} has landed, but ${baseRef} is ${found.trimEnd()}`)
  }
}
