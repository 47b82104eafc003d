import type { Store } from '../../store/store.ts'
import type { LandResult, Squash, SquashResult, Trunk } from '../trunk.ts'
import { type Proposal, Proposals } from './proposals.ts'
import type { PullRequests } from './pull-requests.ts'
import type { Remote } from './remote.ts'
import type { RemoteTrunk } from './remote-trunk.ts'

export interface ProposingTrunkOptions {
  readonly remote: Remote
  readonly trunk: RemoteTrunk
  /** Holds what is open. */
  readonly store: Store
  /** Missing where people open pull requests themselves. */
  readonly pullRequests?: PullRequests | undefined
}

/**
 * A base branch that only people move, by merging pull requests. What is judged is pushed as a branch
 * of its own, again whenever the base branch has moved; it has landed when the base branch has it.
 */
export class ProposingTrunk implements Trunk {
  readonly #remote: Remote
  readonly #trunk: RemoteTrunk
  readonly #proposals: Proposals
  readonly #pullRequests: PullRequests | undefined

  constructor({ remote, trunk, store, pullRequests }: ProposingTrunkOptions) {
    this.#remote = remote
    this.#trunk = trunk
    this.#proposals = new Proposals(store)
    this.#pullRequests = pullRequests
  }

  head(): Promise<string> {
    return this.#trunk.head()
  }

  squash(branch: string, subject: string, onto?: Squash): Promise<SquashResult> {
    return this.#trunk.squash(branch, subject, onto)
  }

  checkOut(squash: Squash, lane?: number): Promise<string> {
    return this.#trunk.checkOut(squash, lane)
  }

  async land(item: number, squash: Squash): Promise<LandResult> {
    const branch = `huskies/item-${item}`
    const earlier = this.#proposals.of(item)
    const isThere = earlier?.tree === squash.tree && earlier.base === squash.base
    if (!isThere) {
      const pushed = await this.#remote.pushBranch(squash.commit, branch)
      if (pushed.kind !== 'taken') return pushed
      this.#proposals.put(item, squash)
    }
    return { kind: 'proposed', sentence: await this.#openOnce(item, branch, squash) }
  }

  async finish(): Promise<{ readonly item: number; readonly commit: string } | undefined> {
    const found = await this.#trunk.finish()
    const proposals = this.#proposals.all()
    if (found || proposals.length === 0) return found
    const head = await this.#remote.fetch()
    for (const proposal of proposals) {
      const commit = await this.#landedAs(proposal)
      if (commit === undefined) continue
      await this.#trunk.follow(head)
      return { item: proposal.item, commit }
    }
    return undefined
  }

  forget(item: number): void {
    this.#trunk.forget(item)
    this.#proposals.end(item)
  }

  async #landedAs({ commit }: Proposal): Promise<string | undefined> {
    return (await this.#remote.had(commit)) ? commit : this.#remote.equivalent(commit)
  }

  /**
   * Opens the pull request, if it is sure that there is none. Returns what the item waits for, and what
   * a person is to do where no program does it.
   */
  async #openOnce(item: number, branch: string, { commit }: Squash): Promise<string> {
    const { name } = this.#remote
    const waits = `Waits until the pull request of ${branch} is merged on ${name}.`
    const byHand = `open a pull request of ${branch} on ${name}, and merge it.`
    const opened = this.#proposals.of(item)?.opened
    if (opened === 'yes') return waits
    if (!this.#pullRequests) return `It is ready: ${byHand}`
    const isOpen = await this.#pullRequests.isOpen(branch)
    if (isOpen) {
      this.#proposals.setOpened(item, 'yes')
      return waits
    }
    const unknown = `Nobody knows whether ${branch} has a pull request: look on ${name}, open one if there is none, and merge it.`
    if (isOpen === undefined && opened === 'perhaps') return unknown
    // Stored first: a program that a crash has cut off may have opened it.
    this.#proposals.setOpened(item, 'perhaps')
    const result = await this.#pullRequests.open(branch, await this.#remote.subject(commit))
    if (result.kind === 'unknown') return unknown
    this.#proposals.setOpened(item, result.kind === 'failed' ? 'no' : 'yes')
    return result.kind === 'failed' ? `${result.because} Or ${byHand}` : waits
  }
}
