import type { Clock } from '../../kernel/clock.ts'
import { type Cost, nothing } from '../../pipeline/cost.ts'
import type { Store } from '../../store/store.ts'
import type { Run } from '../run.ts'
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
 * What every run has cost, and with it every item and every day. What items have cost is in memory too:
 * it is asked for with every board, and whenever an agent could start.
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
  readonly #items: Map<number, Cost>

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    const { db } = store
    this.#begin = db.prepare<[{ run: number; session: string | null }]>(
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
      `SELECT ${sums} FROM runs JOIN spending ON run = number WHERE item = ?`,
    )
    this.#since = db.prepare<[number], Sums>(`SELECT ${sums} FROM spending WHERE quarter >= ?`)
    const items = db.prepare<[], Sums & { readonly item: number }>(
      `SELECT item, ${sums} FROM spending JOIN runs ON number = run GROUP BY item`,
    )
    this.#items = new Map(items.all().map(({ item, ...spent }) => [item, costOf(spent)]))
  }

  /** The run is about to start, and goes on with this session; with a fresh one where it is missing. */
  begin({ token }: Numbered, session: string | undefined): void {
    this.#begin.run({ run: token, session: session ?? null })
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
      this.#mirror(item)
      this.#store.onRollback(() => this.#mirror(item))
    })
  }

  ofRun({ token }: Numbered): Cost {
    return costOf(this.#ofRun.get(token))
  }

  ofItem(item: number): Cost {
    return this.#items.get(item) ?? nothing
  }

  /** What was spent from this moment on, to the quarter of an hour. */
  since(moment: number): Cost {
    return costOf(this.#since.get(moment))
  }

  /** All items that have cost something. */
  items(): ReadonlyMap<number, Cost> {
    return this.#items
  }

  #mirror(item: number): void {
    this.#items.set(item, costOf(this.#ofItem.get(item)))
  }
}

/** What the database holds, in dollars. */
export function costOf(spent: Sums | undefined): Cost {
  if (!spent) return nothing
  const { measured, estimated } = spent
  return { usd: (measured + estimated) / 1e6, estimated: estimated / 1e6 }
}

function inMillionths(usd: number): number {
  return Math.round(usd * 1e6)
}
