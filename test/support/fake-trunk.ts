import { type Clock, pause } from '../../src/kernel/clock.ts'
import { Problem } from '../../src/kernel/problem.ts'
import { Landings } from '../../src/pipeline/git/landings.ts'
import { Mutex } from '../../src/pipeline/git/mutex.ts'
import type { LandResult, Squash, SquashResult, Trunk } from '../../src/pipeline/trunk.ts'
import type { Store } from '../../src/store/store.ts'
import type { FakeBranch } from './fake-worktrees.ts'
import { type Files, threeWay } from './three-way.ts'

/** A commit of the base branch, or one that may become it. */
export interface FakeCommit {
  readonly id: string
  /** None for the first. */
  readonly parent?: string
  readonly files: Files
  readonly subject: string
  /** The branch whose work it is; none where somebody else made it. */
  readonly branch?: string
}

/** The base branch and the checkouts of it, in memory; they outlive the simulated program. */
export class FakeBase {
  /** From the first to the head. */
  readonly history: FakeCommit[] = []
  /** What lies in each merge worktree, by its path; nothing while it is neither one tree nor the other. */
  readonly checkedOut = new Map<string, Files>()
  /** A person's changes that a landing would overwrite. */
  inTheWay: { readonly checkout: string; readonly files: readonly string[] } | undefined
  /** Called when a landing has moved the branch. */
  onLand: (commit: FakeCommit) => void = () => {}
  readonly #built = new Map<string, FakeCommit>()
  #number = 0

  constructor(files: Files) {
    this.history.push(this.build(files, 'begin'))
  }

  get head(): FakeCommit {
    const head = this.history.at(-1)
    if (!head) throw new Error('the base branch has no commit')
    return head
  }

  has(id: string): boolean {
    return this.history.some((commit) => commit.id === id)
  }

  /** A commit on the head that is on no branch yet. */
  build(
    files: Files,
    subject: string,
    branch?: string,
    parent = this.history.at(-1)?.id,
  ): FakeCommit {
    const id = `c${++this.#number}`.padEnd(40, '0')
    const commit = { id, files, subject, ...(parent && { parent }), ...(branch && { branch }) }
    this.#built.set(id, commit)
    return commit
  }

  built(id: string): FakeCommit {
    const commit = this.#built.get(id)
    if (!commit) throw new Error(`there is no commit ${id}`)
    return commit
  }

  /** Somebody else's commit. */
  push(path: string, text: string): void {
    const files = new Map([...this.head.files, [path, text] as const])
    this.history.push(this.build(files, `somebody's ${path}`))
  }
}

/** Names a tree by all that it holds. */
export function treeOf(files: Files): string {
  return JSON.stringify([...files].sort(([one], [other]) => (one < other ? -1 : 1)))
}

export interface FakeTrunkOptions {
  readonly base: FakeBase
  readonly branches: ReadonlyMap<string, FakeBranch>
  /** Holds what is under way, as the real one does. */
  readonly store: Store
  /** The program's own: what a crash cuts short goes no further. */
  readonly clock: Clock
  /** How long each step takes, in ms. */
  readonly delay: () => number
  /** Asked before each step: an error is thrown. */
  readonly fault: (step: string) => Error | undefined
}

/** One program's trunk on a base branch in memory, in the same steps as the real one. */
export class FakeTrunk implements Trunk {
  readonly #options: FakeTrunkOptions
  readonly #landings: Landings
  readonly #mutex = new Mutex()

  constructor(options: FakeTrunkOptions) {
    this.#options = options
    this.#landings = new Landings(options.store)
  }

  async head(): Promise<string> {
    await this.#pass('head')
    return this.#options.base.head.id
  }

  async squash(branch: string, subject: string, onto?: Squash): Promise<SquashResult> {
    const { base, branches } = this.#options
    await this.#pass('squash')
    const tip = branches.get(branch)
    if (!tip || tip.commits.length === 0) return { kind: 'no-commits' }
    const head = onto ? base.built(onto.commit) : base.head
    const { files, conflicts } = threeWay(tip.base, tip.files, head.files)
    if (conflicts.length > 0) return { kind: 'conflict', files: conflicts }
    const tree = treeOf(files)
    if (tree === treeOf(head.files)) return { kind: 'empty-diff' }
    const { id } = base.build(files, subject, branch, head.id)
    return { kind: 'squashed', squash: { commit: id, base: head.id, tree } }
  }

  async checkOut({ commit }: Squash, lane = 0): Promise<string> {
    const { base } = this.#options
    const path = lane === 0 ? '/worktrees/merge' : `/worktrees/merge-${lane + 1}`
    await this.#pass('check out')
    base.checkedOut.delete(path)
    await this.#pass('set up')
    base.checkedOut.set(path, base.built(commit).files)
    return path
  }

  land(item: number, squash: Squash): Promise<LandResult> {
    const { base, clock } = this.#options
    return this.#mutex.run(async () => {
      await this.#pass('prove')
      if (base.inTheWay) return { kind: 'waiting', ...base.inTheWay }
      this.#landings.begin({ item, base: squash.base, commit: squash.commit }, clock.now())
      await this.#pass('move')
      if (base.head.id !== squash.base) {
        this.#landings.end(item)
        return { kind: 'moved' }
      }
      const commit = base.built(squash.commit)
      base.history.push(commit)
      base.onLand(commit)
      await this.#pass('bring along')
      return { kind: 'landed', commit: squash.commit }
    })
  }

  finish(): Promise<{ readonly item: number; readonly commit: string } | undefined> {
    return this.#mutex.run(async () => {
      for (const { item, commit } of this.#landings.all()) {
        await this.#pass('bring along')
        if (this.#options.base.has(commit)) return { item, commit }
        this.#landings.end(item)
      }
      return undefined
    })
  }

  forget(item: number): void {
    this.#landings.end(item)
  }

  async #pass(step: string): Promise<void> {
    const { clock, delay, fault } = this.#options
    await pause(clock, delay())
    const error = fault(step)
    if (error) throw error
  }
}

/** What the real trunk says when a checkout cannot follow a landing just now. */
export function checkoutBehind(): Problem {
  return new Problem('checkout-behind', 'Another git is at work in /checkout: let it end.')
}
