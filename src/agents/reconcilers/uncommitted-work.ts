import type { LookAgain, Reconciler } from '../../pipeline/reconcilers/reconciler.ts'
import type { Changes, Worktrees } from '../../pipeline/worktrees.ts'
import type { Runs } from '../runs/run.ts'

export interface UncommittedWorkParts {
  readonly runs: Pick<Runs, 'active' | 'activeOf'>
  readonly worktrees: Pick<Worktrees, 'changes'>
}

const lookAgainMs = 10_000

/**
 * Knows what lies uncommitted where agents work, as of a moment ago, so that the board can show it
 * without asking git. It is kept in memory only. Its keys are item numbers; without a run there are none.
 */
export class UncommittedWork implements Reconciler {
  readonly name = 'uncommitted-work'
  readonly #runs: UncommittedWorkParts['runs']
  readonly #worktrees: UncommittedWorkParts['worktrees']
  readonly #known = new Map<number, Changes>()

  constructor({ runs, worktrees }: UncommittedWorkParts) {
    this.#runs = runs
    this.#worktrees = worktrees
  }

  /** Undefined where nothing is known. */
  of(item: number): Changes | undefined {
    return this.#known.get(item)
  }

  keys(): string[] {
    const worked = this.#runs.active().map(({ item }) => item)
    return [...new Set([...worked, ...this.#known.keys()])].map(String)
  }

  keysOf(item: number): string[] {
    return this.#runs.activeOf(item) || this.#known.has(item) ? [String(item)] : []
  }

  async reconcile(key: string): Promise<LookAgain | undefined> {
    const item = Number(key)
    if (!this.#isWorkedOn(item)) {
      this.#known.delete(item)
      return undefined
    }
    const changes = await this.#worktrees.changes(item)
    // The run may have ended meanwhile, and the worktree may be gone.
    if (changes && this.#isWorkedOn(item)) this.#known.set(item, changes)
    return { afterMs: lookAgainMs }
  }

  #isWorkedOn(item: number): boolean {
    return this.#runs.activeOf(item) !== undefined
  }
}
