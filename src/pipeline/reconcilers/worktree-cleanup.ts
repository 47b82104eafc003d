import type { Pipeline } from '../pipeline.ts'
import type { StageKind } from '../stage.ts'
import type { Worktrees } from '../worktrees.ts'
import type { LookAgain, Reconciler } from './reconciler.ts'

const over: ReadonlySet<StageKind> = new Set(['done', 'archived', 'abandoned', 'superseded'])
const lookAgainMs = 5_000

/**
 * Removes the worktrees of items that are over and of items that are gone; a recovery ref keeps
 * what was in them. Those of rejected items stay, and those that a person brought back. Its keys
 * are item numbers.
 */
export class WorktreeCleanup implements Reconciler {
  readonly name = 'worktree-cleanup'
  readonly #pipeline: Pipeline
  readonly #worktrees: Worktrees
  readonly #isOccupied: (item: number) => boolean

  /** `isOccupied` says whether a run of the item may still have living processes. */
  constructor(pipeline: Pipeline, worktrees: Worktrees, isOccupied: (item: number) => boolean) {
    this.#pipeline = pipeline
    this.#worktrees = worktrees
    this.#isOccupied = isOccupied
  }

  keys(): string[] {
    return this.#worktrees
      .all()
      .filter(({ item, recovered }) => !recovered && this.#isOver(item))
      .map(({ item }) => String(item))
  }

  keysOf(item: number): string[] {
    return this.#isOver(item) ? [String(item)] : []
  }

  async reconcile(key: string): Promise<LookAgain | undefined> {
    const item = Number(key)
    if (!this.#isOver(item) || this.#worktrees.find(item)?.recovered) return undefined
    if (this.#isOccupied(item)) return { afterMs: lookAgainMs }
    await this.#worktrees.remove(item)
    return undefined
  }

  #isOver(id: number): boolean {
    const item = this.#pipeline.get(id)
    return !item || over.has(item.stage.kind)
  }
}
