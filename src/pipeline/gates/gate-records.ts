import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../store/store.ts'
import type { GateReport } from '../gates.ts'
import { headAndTail } from '../programs/bounded-output.ts'

/** What the gates said last of an item. */
export interface GateRecord {
  /** Whether its own branch was judged, or what was to land. */
  readonly place: 'branch' | 'merge'
  /** Names the very tree that was judged. */
  readonly tree: string
  readonly passed: boolean
  /** The step that failed; with `passed`, one that failed at first and passed when it was repeated. */
  readonly step?: string
  /** Head and tail of all that was printed, 16 KB at most. */
  readonly output: string
  readonly durationMs: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

interface Row {
  readonly place: GateRecord['place']
  readonly tree: string
  readonly passed: number
  readonly step: string | null
  readonly output: string
  readonly duration_ms: number
  readonly judged_at: number
}

/** The last verdict of the gates on each item, durably. */
export class GateRecords {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** Stored when this returns. `repeated` is the step that had failed before it was repeated. */
  keep(
    item: number,
    { place, tree }: Pick<GateRecord, 'place' | 'tree'>,
    report: GateReport,
    repeated?: string,
  ): void {
    const step = report.passed ? repeated : report.failure.step
    this.#store.transaction(() =>
      this.#store.db
        .prepare(
          `INSERT OR REPLACE INTO gate_records
             (item, place, tree, passed, step, output, duration_ms, judged_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          item,
          place,
          tree,
          report.passed ? 1 : 0,
          step ?? null,
          headAndTail(report.output, 4_096, 12_288),
          Math.round(report.durationMs),
          this.#clock.now(),
        ),
    )
  }

  /** Undefined where no gates have judged the item yet. */
  of(item: number): GateRecord | undefined {
    const row = this.#store.db
      .prepare<[number], Row>('SELECT * FROM gate_records WHERE item = ?')
      .get(item)
    if (!row) return undefined
    const { place, tree, passed, step, output, duration_ms, judged_at } = row
    return {
      place,
      tree,
      output,
      passed: passed === 1,
      durationMs: duration_ms,
      at: judged_at,
      ...(step !== null && { step }),
    }
  }
}
