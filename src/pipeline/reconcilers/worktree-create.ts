import { Problem } from '../../kernel/problem.ts'
import { type Actor, branchOf, type Item } from '../item.ts'
import type { Pipeline } from '../pipeline.ts'
import type { StageKind } from '../stage.ts'
import type { Worktrees } from '../worktrees.ts'
import type { LookAgain, Reconciler } from './reconciler.ts'

const actor: Actor = { kind: 'system', id: 'worktree-create' }

/** What a person has to mend before trying again makes sense. */
const blocking = ['setup-failed', 'path-taken']

/** The stages in which an agent needs a place to work in. */
const working: readonly StageKind[] = ['coding', 'qa', 'merge-failure']

/**
 * Makes the worktrees of the items that an agent may work on. Its keys are item numbers. Where a person has to mend
 * something first, it blocks the item and says what.
 */
export class WorktreeCreate implements Reconciler {
  readonly name = 'worktree-create'
  readonly #pipeline: Pipeline
  readonly #worktrees: Worktrees
  readonly #made: (item: number) => void

  /** `made` is told when an item has its worktree: work can begin. */
  constructor(pipeline: Pipeline, worktrees: Worktrees, made: (item: number) => void) {
    this.#pipeline = pipeline
    this.#worktrees = worktrees
    this.#made = made
  }

  keys(): string[] {
    return working.flatMap((kind) =>
      this.#pipeline.inStage(kind).flatMap((item) => this.#keyOf(item)),
    )
  }

  keysOf(id: number): string[] {
    const item = this.#pipeline.get(id)
    return item ? this.#keyOf(item) : []
  }

  async reconcile(key: string, signal: AbortSignal): Promise<LookAgain | undefined> {
    const item = this.#pipeline.get(Number(key))
    if (!item || this.#keyOf(item).length === 0) return undefined
    try {
      await this.#worktrees.ensure(item.id, branchOf(item))
      this.#made(item.id)
    } catch (error) {
      if (signal.aborted || !(error instanceof Problem) || !blocking.includes(error.code))
        throw error
      if (this.#isWorkedOn(this.#pipeline.get(item.id)))
        this.#pipeline.apply(item.id, { type: 'block', reason: error.message }, actor)
    }
    return undefined
  }

  #keyOf(item: Item): string[] {
    const isNeeded =
      this.#isWorkedOn(item) && this.#worktrees.find(item.id)?.branch !== branchOf(item)
    return isNeeded ? [String(item.id)] : []
  }

  #isWorkedOn(item: Item | undefined): boolean {
    return item !== undefined && working.includes(item.stage.kind)
  }
}
