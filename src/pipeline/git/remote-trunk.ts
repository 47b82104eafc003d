import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import { describeObstacle } from '../merge/waiting.ts'
import type { LandResult, Squash, SquashResult, Trunk } from '../trunk.ts'
import { Pushes } from './pushes.ts'
import type { Remote } from './remote.ts'
import type { GitTrunk } from './trunk.ts'

export interface RemoteTrunkOptions {
  readonly remote: Remote
  /** The base branch of this repository, which follows the remote's. */
  readonly local: GitTrunk
  /** Holds what is under way. */
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** No push is still under way that was begun so long ago, in ms. */
const longestPush = 3_600_000

/**
 * The base branch of a remote. It moves by the remote's own compare-and-swap, and what has landed is
 * what the remote says that it has; the local branch and its checkouts follow.
 */
export class RemoteTrunk implements Trunk {
  readonly #remote: Remote
  readonly #local: GitTrunk
  readonly #pushes: Pushes
  readonly #clock: Clock
  readonly #log: Log

  constructor({ remote, local, store, clock, log }: RemoteTrunkOptions) {
    this.#remote = remote
    this.#local = local
    this.#pushes = new Pushes(store)
    this.#clock = clock
    this.#log = log
  }

  head(): Promise<string> {
    return this.#local.head()
  }

  async squash(branch: string, subject: string, onto?: Squash): Promise<SquashResult> {
    if (onto) return this.#local.squash(branch, subject, onto)
    const head = await this.#remote.fetch()
    const followed = await this.#local.branch.follow(head)
    if (followed.kind === 'waiting')
      throw new Problem('checkout-in-the-way', describeObstacle(followed))
    if (followed.kind === 'moved') throw this.#localCommits()
    return this.#local.squash(branch, subject)
  }

  checkOut(squash: Squash, lane?: number): Promise<string> {
    return this.#local.checkOut(squash, lane)
  }

  async land(item: number, squash: Squash): Promise<LandResult> {
    const { base, commit } = squash
    const obstacle = await this.#local.branch.obstacle(squash)
    if (obstacle) return { kind: 'waiting', ...obstacle }
    const earlier = this.#pushes.of(item)
    this.#pushes.begin({ item, commit }, this.#clock.now())
    const result = await this.#remote.push(commit, base)
    if (result.kind === 'refused') this.#pushes.end(item)
    if (result.kind !== 'taken') return this.#unless(item, earlier?.commit, result)
    const head = await this.#remote.fetch()
    if (!(await this.#remote.had(commit)))
      throw new Error(`${this.#remote.name} took ${commit} and does not have it`)
    await this.follow(head)
    return { kind: 'landed', commit }
  }

  async finish(): Promise<{ readonly item: number; readonly commit: string } | undefined> {
    await this.#local.finish()
    const pushes = this.#pushes.all()
    if (pushes.length === 0) return undefined
    const head = await this.#remote.fetch()
    for (const push of pushes)
      if (await this.#remote.had(push.commit)) {
        await this.follow(head)
        return push
      }
    // One that is not there may still be on its way: a git outlives the program that has started it.
    this.#pushes.forgetBefore(this.#clock.now() - longestPush)
    return undefined
  }

  forget(item: number): void {
    this.#pushes.end(item)
  }

  /**
   * Brings the local branch along to where the remote's is. What has landed has landed: a checkout in
   * the way is waited for with the next item.
   */
  async follow(head: string): Promise<void> {
    const followed = await this.#local.branch.follow(head)
    if (followed.kind === 'waiting')
      this.#log.warn({ head }, `The local branch stays behind. ${describeObstacle(followed)}`)
    if (followed.kind === 'moved') this.#log.warn({ head }, this.#localCommits().message)
  }

  /** A push of an earlier start, thought lost, may have come in between. */
  async #unless(
    item: number,
    earlier: string | undefined,
    result: Extract<LandResult, { kind: 'moved' | 'refused' }>,
  ): Promise<LandResult> {
    if (earlier === undefined) return result
    await this.#remote.fetch()
    if (!(await this.#remote.had(earlier))) return result
    // What is stored has to name it too, since a crash may come before the item says so.
    this.#pushes.begin({ item, commit: earlier }, this.#clock.now())
    return { kind: 'landed', commit: earlier }
  }

  #localCommits(): Problem {
    const { name: base } = this.#local.branch
    return new Problem(
      'local-commits',
      `${base} has commits here that ${this.#remote.name} does not have: push them, or move them to a branch of their own.`,
    )
  }
}
