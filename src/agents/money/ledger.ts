import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../store/store.ts'
import type { Run } from '../run.ts'
import type { SessionTotals } from '../runtime.ts'
import type { Spending } from './spending.ts'

/** Dollars. */
export interface Cost {
  readonly usd: number
  /** The part of it that no program has confirmed: it follows from tokens and the price table. */
  readonly estimated: number
}

/** What a run is paid for. */
export interface RunFacts {
  readonly model?: string | undefined
  readonly account?: string | undefined
  /** The session that it goes on with. */
  readonly session?: string | undefined
}

interface Sums {
  readonly measured: number
  readonly estimated: number
}

/** Every time zone's day begins at the beginning of one of these. */
const quarterMs = 15 * 60_000

/** What every run has cost, and with it every item and every day. It survives whatever it is about. */
export class Ledger {
  readonly #store: Store
  readonly #clock: Clock
  readonly #open
  readonly #insert
  readonly #tell
  readonly #spend
  readonly #before
  readonly #ofRun
  readonly #ofItem
  readonly #since
  readonly #items

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    const { db } = store
    const sums = 'coalesce(sum(measured), 0) AS measured, coalesce(sum(estimated), 0) AS estimated'
    this.#open = db.prepare(
      `INSERT INTO run_costs (run, item, agent, model, account, before)
       VALUES (@run, @item, @agent, @model, @account, (
         SELECT totals FROM run_costs JOIN runs ON number = run
         WHERE session = @session AND run < @run AND totals IS NOT NULL ORDER BY run DESC LIMIT 1))
       ON CONFLICT (run) DO UPDATE
       SET model = excluded.model, account = excluded.account, before = excluded.before`,
    )
    this.#insert = db.prepare(
      'INSERT INTO run_costs (run, item, agent) VALUES (?, ?, ?) ON CONFLICT (run) DO NOTHING',
    )
    this.#tell = db.prepare(
      'UPDATE run_costs SET model = coalesce(?, model), totals = coalesce(?, totals) WHERE run = ?',
    )
    this.#spend = db.prepare(
      `INSERT INTO spending (run, quarter, measured, estimated)
       SELECT @run, @quarter, @measured - coalesce(sum(measured), 0),
         @estimated - coalesce(sum(estimated), 0)
       FROM spending WHERE run = @run AND quarter <> @quarter
       ON CONFLICT (run, quarter) DO UPDATE
       SET measured = excluded.measured, estimated = excluded.estimated`,
    )
    this.#before = db
      .prepare<[number], string | null>('SELECT before FROM run_costs WHERE run = ?')
      .pluck()
    this.#ofRun = db.prepare<[number], Sums>(`SELECT ${sums} FROM spending WHERE run = ?`)
    this.#ofItem = db.prepare<[number], Sums>(
      `SELECT ${sums} FROM run_costs JOIN spending USING (run) WHERE item = ?`,
    )
    this.#since = db.prepare<[number], Sums>(`SELECT ${sums} FROM spending WHERE quarter >= ?`)
    this.#items = db.prepare<[], Sums & { readonly item: number }>(
      `SELECT item, ${sums} FROM run_costs JOIN spending USING (run) GROUP BY item`,
    )
  }

  /** The run is about to start. */
  open({ token, item, agent }: Run, { model, account, session }: RunFacts): void {
    this.#open.run({
      ...{ run: token, item, agent },
      ...{ model: model ?? null, account: account ?? null, session: session ?? null },
    })
  }

  /** What the session that the run goes on with had used before it; undefined where nobody knows. */
  before({ token }: Run): SessionTotals | undefined {
    const before = this.#before.get(token)
    return before == null ? undefined : (JSON.parse(before) as SessionTotals)
  }

  /** Stores what the run has cost in all, in the place of whatever was stored of it. */
  record({ token, item, agent }: Run, { measured, estimated, model, totals }: Spending): void {
    this.#store.transaction(() => {
      this.#insert.run(token, item, agent)
      this.#tell.run(model ?? null, totals ? JSON.stringify(totals) : null, token)
      const quarter = Math.floor(this.#clock.now() / quarterMs) * quarterMs
      const sums = { measured: inMillionths(measured), estimated: inMillionths(estimated) }
      this.#spend.run({ run: token, quarter, ...sums })
    })
  }

  ofRun({ token }: Pick<Run, 'token'>): Cost {
    return costOf(this.#ofRun.get(token))
  }

  ofItem(item: number): Cost {
    return costOf(this.#ofItem.get(item))
  }

  /** What was spent from this moment on, to the quarter of an hour. */
  since(moment: number): Cost {
    return costOf(this.#since.get(moment))
  }

  /** All items that have cost something. */
  items(): ReadonlyMap<number, Cost> {
    return new Map(this.#items.all().map(({ item, ...sums }) => [item, costOf(sums)]))
  }
}

/** What the database holds, in dollars. */
export function costOf(sums: Sums | undefined): Cost {
  const { measured, estimated } = sums ?? { measured: 0, estimated: 0 }
  return { usd: (measured + estimated) / 1e6, estimated: estimated / 1e6 }
}

function inMillionths(usd: number): number {
  return Math.round(usd * 1e6)
}
