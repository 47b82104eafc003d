import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Actor } from '../item.ts'
import type { Pipeline } from '../pipeline.ts'
import type { LookAgain, Reconciler } from './reconciler.ts'

const actor: Actor = { kind: 'system', id: 'done-sweep' }
const key = 'done'
/** A timer of the machine cannot be set for longer than some weeks; a look more does no harm. */
const longestMs = 3_600_000
/** More than that in one transaction would keep people waiting. */
const mostAtOnce = 200

export interface DoneSweepParts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly clock: Clock
  /** So long after it was done, an item is archived, */
  readonly retentionMs: number
  /** or up to so much later, together with others. */
  readonly intervalMs: number
}

/** Archives what has been done for as long as the project wants to see it. There is one key. */
export class DoneSweep implements Reconciler {
  readonly name = 'done-sweep'
  readonly #parts: DoneSweepParts

  constructor(parts: DoneSweepParts) {
    this.#parts = parts
  }

  keys(): string[] {
    return this.#parts.pipeline.inStage('done').length > 0 ? [key] : []
  }

  keysOf(item: number): string[] {
    return this.#parts.pipeline.get(item)?.stage.kind === 'done' ? [key] : []
  }

  async reconcile(): Promise<LookAgain | undefined> {
    const { store, pipeline, clock, retentionMs, intervalMs } = this.#parts
    const now = clock.now()
    const due: number[] = []
    let next = Number.POSITIVE_INFINITY
    for (const { id, stage } of pipeline.inStage('done')) {
      if (stage.kind !== 'done') continue
      const at = stage.at + retentionMs
      if (at <= now) due.push(id)
      else next = Math.min(next, at)
    }
    const batch = due.slice(0, mostAtOnce)
    const reason = 'its time on the board is over'
    if (batch.length > 0)
      store.transaction(() => {
        for (const id of batch) pipeline.apply(id, { type: 'archive', reason }, actor)
      })
    if (batch.length < due.length) return { afterMs: 0 }
    return next < Number.POSITIVE_INFINITY
      ? { afterMs: Math.min(Math.max(next - now, intervalMs), longestMs) }
      : undefined
  }
}
