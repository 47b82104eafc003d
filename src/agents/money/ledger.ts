import type { Clock } from '../../kernel/clock.ts'
import { type Cost, nothing } from '../../pipeline/cost.ts'
import type { Store } from '../../store/store.ts'
import type { Run } from '../runs/run.ts'
import type { SessionTotals } from '../runtime.ts'
import type { Spending } from './spending.ts'

/** As the database has it, in millionths of a dollar. */
export interface Sums {
  readonly measured: number
  readonly estimated: number
}

/** Which of the runs a question is about. */
type Numbered = Pick<Run, 'token'>

/** Every time zone's day begins at the beginning of one of these. */
const quarterMs = 15 * 60_000

/** The two sums over the rows of `spending` that a query finds. */
export const sums =
  'coalesce(sum(measured), 0) AS measured, coalesce(sum(estimated), 0) AS estimated'

/**
 * What every run and every answer of the chat agent has cost, and with it every item and every day. The
 * total of an item has a row of its own: it is asked for with every board, and whenever an agent could
 * start.
 */
export class Ledger {
  readonly #store: Store
  readonly #clock: Clock
  readonly #begin
  readonly #tell
  readonly #spend
  readonly #before
  readonly #ofRun
  readonly #ofItem
  readonly #since
  readonly #total

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    const { db } = store
    this.#begin = db.prepare<[{ run: number; session: string }]>(
      `INSERT INTO run_money (run, before) VALUES (@run, (
         SELECT totals FROM run_money JOIN runs ON number = run
         WHERE session = @session AND run < @run AND totals IS NOT NULL ORDER BY run DESC LIMIT 1))
       ON CONFLICT (run) DO UPDATE SET before = excluded.before`,
    )
    this.#tell = db.prepare<[number, string | null, string | null]>(
      `INSERT INTO run_money (run, model, totals) VALUES (?, ?, ?)
       ON CONFLICT (run) DO UPDATE SET model = excluded.model, totals = excluded.totals`,
    )
    this.#spend = db.prepare<[{ run: number; quarter: number } & Sums]>(
      `INSERT INTO spending (run, quarter, measured, estimated)
       SELECT @run, @quarter, @measured - coalesce(sum(measured), 0),
         @estimated - coalesce(sum(estimated), 0)
       FROM spending WHERE run = @run AND quarter <> @quarter
       ON CONFLICT (run, quarter) DO UPDATE
       SET measured = excluded.measured, estimated = excluded.estimated`,
    )
    this.#before = db
      .prepare<[number], string | null>('SELECT before FROM run_money WHERE run = ?')
      .pluck()
    this.#ofRun = db.prepare<[number], Sums>(`SELECT ${sums} FROM spending WHERE run = ?`)
    this.#ofItem = db.prepare<[number], Sums>(
      'SELECT measured, estimated FROM item_costs WHERE item = ?',
    )
    this.#total = db.prepare<[{ item: number }]>(
      `INSERT OR REPLACE INTO item_costs (item, measured, estimated)
       SELECT @item, ${sums} FROM runs JOIN spending ON run = number WHERE item = @item`,
    )
    this.#since = db.prepare<[{ moment: number }], Sums>(
      `SELECT ${sums} FROM (
         SELECT measured, estimated FROM spending WHERE quarter >= @moment
         UNION ALL SELECT measured, estimated FROM chat_turns WHERE began_at >= @moment)`,
    )
  }

  /** The run is about to start, and goes on with this session. */
  begin({ token }: Numbered, session: string): void {
    this.#begin.run({ run: token, session })
  }

  /** What the session that the run goes on with had used before it; undefined where nobody knows. */
  before({ token }: Numbered): SessionTotals | undefined {
    const before = this.#before.get(token)
    return before == null ? undefined : (JSON.parse(before) as SessionTotals)
  }

  /** Stores what the run has cost in all, in the place of whatever was stored of it. */
  record(
    { token, item }: Pick<Run, 'token' | 'item'>,
    { measured, estimated, model, totals }: Spending,
  ): void {
    this.#store.transaction(() => {
      this.#tell.run(token, model ?? null, totals ? JSON.stringify(totals) : null)
      const quarter = Math.floor(this.#clock.now() / quarterMs) * quarterMs
      const spent = { measured: inMillionths(measured), estimated: inMillionths(estimated) }
      this.#spend.run({ run: token, quarter, ...spent })
      this.#total.run({ item })
    })
  }

  ofRun({ token }: Numbered): Cost {
    return costOf(this.#ofRun.get(token))
  }

  ofItem(item: number): Cost {
    return costOf(this.#ofItem.get(item))
  }

  /** What was spent from this moment on, to the quarter of an hour. */
  since(moment: number): Cost {
    return costOf(this.#since.get({ moment }))
  }
}

/** What the database holds, in dollars. */
export function costOf(spent: Sums | undefined): Cost {
  if (!spent) return nothing
  const { measured, estimated } = spent
  return { usd: (measured + estimated) / 1e6, estimated: estimated / 1e6 }
}

/** What the database holds of an amount of dollars. */
export function inMillionths(usd: number): number {
  return Math.round(usd * 1e6)
}
