import { createHash } from 'node:crypto'
import { type Clock, pause } from '../../src/kernel/clock.ts'
import { Problem } from '../../src/kernel/problem.ts'
import { KeyedMutex } from '../../src/pipeline/git/mutex.ts'
import type { Changes, WorkState, Worktree, Worktrees } from '../../src/pipeline/worktrees.ts'
import { type Files, threeWay } from './three-way.ts'

/** A branch as the simulation knows it: the files of its tip, and the commits that made them. */
export interface FakeBranch {
  readonly commits: readonly string[]
  readonly files: Files
  /** The files of the base branch that it was made from, or has merged last. */
  readonly base: Files
}

interface Ground {
  readonly branch: string
  readonly recovered: boolean
  ready: boolean
  readonly uncommitted: Map<string, string>
}

interface Saved {
  readonly branch: string
  readonly tip: FakeBranch
  readonly uncommitted: Files
}

export interface FakeWorktreesOptions {
  readonly clock: Clock
  /** The files of the base branch's head; none by default. */
  readonly base?: () => Files
  /** How many of a branch's commits the base branch has not; all by default. */
  readonly ahead?: (branch: FakeBranch) => number
  /** How long an operation takes, in ms; 0 by default. */
  readonly delay?: () => number
  /** Asked before each operation: an error is thrown. */
  readonly fault?: (operation: string, item: number) => Error | undefined
}

/** Worktrees in memory, on virtual time; they outlive the simulated program as a disk would. */
export class FakeWorktrees implements Worktrees {
  /** What agents have committed, by branch. */
  readonly branches = new Map<string, FakeBranch>()
  readonly #options: FakeWorktreesOptions
  readonly #grounds = new Map<number, Ground>()
  readonly #saved = new Map<number, Saved[]>()
  #lanes = new KeyedMutex<number>()
  #generation = 0
  #commit = 0

  constructor(options: FakeWorktreesOptions) {
    this.#options = options
  }

  async ensure(item: number, branch: string): Promise<Worktree> {
    const found = this.find(item)
    if (found?.branch === branch) return found
    return this.#lanes.run(item, async () => {
      const stale = this.#grounds.get(item)
      if (stale && stale.branch !== branch) await this.#remove(item)
      return this.#make(item, branch)
    })
  }

  find(item: number): Worktree | undefined {
    const ground = this.#grounds.get(item)
    return ground?.ready ? worktreeOf(item, ground) : undefined
  }

  unlock(): void {}

  all(): readonly Worktree[] {
    return [...this.#grounds]
      .map(([item, ground]) => worktreeOf(item, ground))
      .sort((one, other) => one.item - other.item)
  }

  async changes(item: number): Promise<Changes | undefined> {
    await this.#pass('changes', item)
    const ground = this.#grounds.get(item)
    if (!ground) return undefined
    const { files } = this.#tip(ground.branch)
    const added = [...ground.uncommitted.keys()].filter((path) => !files.has(path)).length
    return { modified: ground.uncommitted.size - added, added }
  }

  async state(item: number): Promise<WorkState> {
    await this.#pass('state', item)
    const { branch, uncommitted } = this.#need(item)
    const tip = this.#tip(branch)
    const all = [...tip.files, ...uncommitted].sort(([one], [other]) => one.localeCompare(other))
    return {
      branch,
      head: tip.commits.at(-1) ?? 'base',
      ahead: this.#options.ahead?.(tip) ?? tip.commits.length,
      uncommitted: [...uncommitted.keys()].sort(),
      fingerprint: createHash('sha256').update(JSON.stringify(all)).digest('hex'),
    }
  }

  async diff(item: number): Promise<string> {
    await this.#pass('diff', item)
    const { branch, uncommitted } = this.#need(item)
    const files = [...this.#tip(branch).files, ...uncommitted]
    return files.map(([path, text]) => `+++ ${path}\n+${text}\n`).join('')
  }

  async mergeBase(item: number): Promise<readonly string[]> {
    await this.#pass('merge base', item)
    const { branch, uncommitted } = this.#need(item)
    const { base, files } = this.#tip(branch)
    const { conflicts } = threeWay(base, files, this.#base())
    if (conflicts.length === 0 && uncommitted.size === 0) this.merge(item)
    return conflicts
  }

  remove(item: number): Promise<string | undefined> {
    return this.#lanes.run(item, () => this.#remove(item))
  }

  recover(item: number): Promise<Worktree | undefined> {
    return this.#lanes.run(item, async () => {
      await this.#pass('recover', item)
      if (this.#grounds.has(item))
        throw new Problem('worktree-exists', `Item ${item} has a worktree: its work is there.`)
      const saved = this.#saved.get(item)?.at(-1)
      if (!saved) return undefined
      this.branches.set(saved.branch, saved.tip)
      const uncommitted = new Map(saved.uncommitted)
      this.#grounds.set(item, { branch: saved.branch, recovered: true, ready: true, uncommitted })
      return this.find(item)
    })
  }

  /** How often work of the item was stored under a recovery ref. */
  recoveries(item: number): number {
    return this.#saved.get(item)?.length ?? 0
  }

  /** The program whose git this was is gone: what it had begun stays as it is. */
  crash(): void {
    this.#generation += 1
    this.#lanes = new KeyedMutex()
  }

  /** What an agent does: changes a file and does not commit it. */
  edit(item: number, path: string, text: string): void {
    this.#need(item).uncommitted.set(path, text)
  }

  /** What an agent does: commits all that is uncommitted. False when there is nothing. */
  commit(item: number): boolean {
    const { branch, uncommitted } = this.#need(item)
    if (uncommitted.size === 0) return false
    const { commits, files, base } = this.#tip(branch)
    this.branches.set(branch, {
      commits: [...commits, `commit-${++this.#commit}`],
      files: new Map([...files, ...uncommitted]),
      base,
    })
    uncommitted.clear()
    return true
  }

  /** What an agent does: merges the base branch; where both have changed a file, its own stays. */
  merge(item: number): void {
    const { branch } = this.#need(item)
    const { commits, files, base } = this.#tip(branch)
    const theirs = this.#base()
    this.branches.set(branch, {
      commits: [...commits, `commit-${++this.#commit}`],
      files: threeWay(base, files, theirs).files,
      base: theirs,
    })
  }

  /** What an adversary does: the folder is gone, without a trace. */
  vanish(item: number): void {
    this.#grounds.delete(item)
  }

  async #make(item: number, branch: string): Promise<Worktree> {
    await this.#pass('ensure', item)
    const fresh = { branch, recovered: false, ready: false, uncommitted: new Map() }
    const ground: Ground = this.#grounds.get(item) ?? fresh
    this.#grounds.set(item, ground)
    if (!this.branches.has(branch))
      this.branches.set(branch, { commits: [], files: this.#base(), base: this.#base() })
    await this.#pass('set up', item)
    ground.ready = true
    return worktreeOf(item, ground)
  }

  async #remove(item: number): Promise<string | undefined> {
    await this.#pass('remove', item)
    const ground = this.#grounds.get(item)
    if (!ground) return undefined
    const { branch, uncommitted } = ground
    const saved = this.#saved.get(item) ?? []
    this.#saved.set(item, [...saved, { branch, tip: this.#tip(branch), uncommitted }])
    this.#grounds.delete(item)
    this.branches.delete(branch)
    return `refs/huskies/recovery/item-${item}/${saved.length + 1}`
  }

  #base(): Files {
    return this.#options.base?.() ?? new Map()
  }

  #tip(branch: string): FakeBranch {
    return this.branches.get(branch) ?? { commits: [], files: new Map(), base: new Map() }
  }

  #need(item: number): Ground {
    const ground = this.#grounds.get(item)
    if (!ground) throw new Problem('no-worktree', `Item ${item} has no worktree.`)
    return ground
  }

  async #pass(operation: string, item: number): Promise<void> {
    const generation = this.#generation
    const delayMs = this.#options.delay?.() ?? 0
    await (delayMs === 0 ? undefined : pause(this.#options.clock, delayMs))
    if (generation !== this.#generation) await new Promise<never>(() => {})
    const error = this.#options.fault?.(operation, item)
    if (error) throw error
  }
}

/** The item of a worktree's path; undefined for any other path. */
export function itemAt(path: string): number | undefined {
  const number = /^\/worktrees\/item-(\d+)$/.exec(path)?.[1]
  return number === undefined ? undefined : Number(number)
}

function worktreeOf(item: number, { branch, recovered }: Ground): Worktree {
  return { item, path: pathOf(item), branch, ...(recovered && { recovered }) }
}

function pathOf(item: number): string {
  return `/worktrees/item-${item}`
}
