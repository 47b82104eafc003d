import type { Store } from '../../store/store.ts'
import type { LandResult, Squash, SquashResult, Trunk } from '../trunk.ts'
import { type Proposal, Proposals } from './proposals.ts'
import type { Remote } from './remote.ts'
import type { RemoteTrunk } from './remote-trunk.ts'

/** Opens the pull request of a branch. Returns what kept it from that, in a sentence. */
export type OpenPullRequest = (branch: string, title: string) => Promise<string | undefined>

export interface ProposingTrunkOptions {
  readonly remote: Remote
  readonly trunk: RemoteTrunk
  /** Holds what is open. */
  readonly store: Store
  /** Missing where people open pull requests themselves. */
  readonly open?: OpenPullRequest | undefined
}

/**
 * A base branch that only people move, by merging pull requests. What is judged is pushed as a branch
 * of its own, again whenever the base branch has moved; it has landed when the base branch has it.
 */
export class ProposingTrunk implements Trunk {
  readonly #remote: Remote
  readonly #trunk: RemoteTrunk
  readonly #proposals: Proposals
  readonly #open: OpenPullRequest | undefined

  constructor({ remote, trunk, store, open }: ProposingTrunkOptions) {
    this.#remote = remote
    this.#trunk = trunk
    this.#proposals = new Proposals(store)
    this.#open = open
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
    const sentence = earlier?.opened ? undefined : await this.#openOnce(item, branch, squash)
    const waits = `Waits until the pull request of ${branch} is merged on ${this.#remote.name}.`
    return { kind: 'proposed', sentence: sentence ?? waits }
  }

  async finish(): Promise<{ readonly item: number; readonly commit: string } | undefined> {
    const found = await this.#trunk.finish()
    const proposals = this.#proposals.all()
    if (found || proposals.length === 0) return found
    await this.#remote.fetch()
    for (const proposal of proposals) {
      const commit = await this.#landedAs(proposal)
      if (commit !== undefined) return { item: proposal.item, commit }
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

  /** What a person is to do instead, where no program does it. */
  async #openOnce(item: number, branch: string, { commit }: Squash): Promise<string | undefined> {
    const byHand = `open a pull request of ${branch} on ${this.#remote.name}, and merge it.`
    if (!this.#open) return `It is ready: ${byHand}`
    const problem = await this.#open(branch, await this.#remote.subject(commit))
    if (problem !== undefined) return `${problem} Or ${byHand}`
    this.#proposals.setOpened(item)
    return undefined
  }
}
