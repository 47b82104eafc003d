import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import type { LandResult, Squash } from '../trunk.ts'
import { bringAlong, indexLockOf, lockIndex, overlap, unlockIndex } from './bring-along.ts'
import { type Checkout, type FoundCheckouts, findCheckouts, type Obstacle } from './checkouts.ts'
import { GitError } from './git.ts'
import { type Landing, Landings } from './landings.ts'
import type { Repository } from './repository.ts'
import { sweepDrafts } from './snapshot.ts'

export interface BaseBranchOptions {
  readonly repository: Repository
  /** Holds what is under way. */
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** In whose name the base branch follows a remote: items are numbered from 1. */
const nobody = 0

/** The base branch in this repository, and the checkouts of it, which move with it or not at all. */
export class BaseBranch {
  readonly #repository: Repository
  readonly #landings: Landings
  readonly #clock: Clock
  readonly #log: Log

  constructor({ repository, store, clock, log }: BaseBranchOptions) {
    this.#repository = repository
    this.#landings = new Landings(store)
    this.#clock = clock
    this.#log = log
  }

  get name(): string {
    return this.#repository.base
  }

  async head(): Promise<string> {
    const { git, baseRef } = this.#repository
    return (await git.run(['rev-parse', '--verify', `${baseRef}^{commit}`])).trimEnd()
  }

  /** As `Trunk.land`. */
  land(item: number, squashed: Squash): Promise<LandResult> {
    const { base, commit } = squashed
    return this.#repository.mutex.run(async () => {
      // Both only look, and each is a process that takes its time.
      const looks = [findCheckouts(this.#repository), this.#prove(squashed)] as const
      const [found] = await Promise.all(looks)
      const result = await this.#moveTo({ item, base, commit }, found)
      if (result.kind === 'landed') await this.#proveLanded(squashed)
      return result
    })
  }

  /** As `Trunk.finish`. */
  finish(): Promise<{ readonly item: number; readonly commit: string } | undefined> {
    return this.#repository.mutex.run(async () => {
      for (const landing of this.#landings.all()) {
        const { checkouts } = await findCheckouts(this.#repository)
        for (const checkout of checkouts) sweepDrafts(checkout)
        const landed = await this.#has(landing.commit)
        if (landed) for (const checkout of checkouts) await this.#complete(checkout, landing)
        for (const checkout of checkouts) unlockIndex(checkout)
        if (landed && landing.item !== nobody) return { item: landing.item, commit: landing.commit }
        this.#landings.end(landing.item)
      }
      return undefined
    })
  }

  /** As `Trunk.forget`. */
  forget(item: number): void {
    this.#landings.end(item)
  }

  /** What would keep the squash from landing now, in a checkout of the base branch. */
  obstacle({ base, commit }: Squash): Promise<Obstacle | undefined> {
    return this.#repository.mutex.run(async () => {
      const { checkouts, obstacle } = await findCheckouts(this.#repository)
      if (obstacle) return obstacle
      const landing = { item: nobody, base, commit }
      this.#landings.begin(landing, this.#clock.now())
      try {
        return await this.#testAll(checkouts, landing)
      } finally {
        this.#letGo(checkouts, landing)
      }
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
      const found = await findCheckouts(this.#repository)
      const result = await this.#moveTo({ item: nobody, base, commit }, found)
      this.#landings.end(nobody)
      return result
    })
  }

  async #moveTo(landing: Landing, { checkouts, obstacle }: FoundCheckouts): Promise<LandResult> {
    if (obstacle) return { kind: 'waiting', ...obstacle }
    // Noted before the first lock is taken, so that no crash leaves one that nobody knows of.
    this.#landings.begin(landing, this.#clock.now())
    const result = await this.#moveRef(checkouts, landing).catch(async (error: unknown) => {
      // People are not kept from their own work for as long as this may last.
      if ((await this.head()) === landing.base) this.#letGo(checkouts, landing)
      throw error
    })
    if (result.kind !== 'landed') this.#letGo(checkouts, landing)
    else {
      for (const checkout of checkouts) await this.#complete(checkout, landing)
      for (const checkout of checkouts) unlockIndex(checkout)
    }
    return result
  }

  async #moveRef(checkouts: readonly Checkout[], landing: Landing): Promise<LandResult> {
    const obstacle = await this.#testAll(checkouts, landing)
    if (obstacle) return { kind: 'waiting', ...obstacle }
    const { git, baseRef } = this.#repository
    const { item, base, commit } = landing
    const why = `huskies: ${item === nobody ? 'follow the remote' : `item ${item}`}`
    try {
      await git.run(['update-ref', '-m', why, baseRef, commit, base])
    } catch (error) {
      if ((await this.head()) === base) throw error
      // A git that was killed may have moved it all the same.
      if (!(await this.#has(commit))) return { kind: 'moved' }
    }
    return { kind: 'landed', commit }
  }

  /** What was begun has not happened. */
  #letGo(checkouts: readonly Checkout[], { item }: Landing): void {
    for (const checkout of checkouts) unlockIndex(checkout)
    this.#landings.end(item)
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
    if (!lockIndex(checkout)) {
      const because = `another git holds ${indexLockOf(checkout)}; delete that file if none is at work`
      return { checkout: path, files: [], because }
    }
    const git = this.#repository.git.in(path)
    const files = await overlap(git, checkout, { from: base, to: commit })
    return files.length > 0 ? { checkout: path, files } : undefined
  }

  async #complete(checkout: Checkout, { base, commit }: Landing): Promise<void> {
    const { path } = checkout
    if (!lockIndex(checkout))
      throw new Problem(
        'checkout-behind',
        `Another git is at work in ${path}, which is to be brought along: let it end, or delete ${indexLockOf(checkout)} if none is.`,
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

  async #has(commit: string): Promise<boolean> {
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
    if (found.trimEnd() === `${commit} ${tree} ${base}` || (await this.#has(commit))) return
    throw new Error(`${commit} has landed, but ${baseRef} is ${found.trimEnd()}`)
  }
}
