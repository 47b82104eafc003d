import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../store/store.ts'
import type { AgentEvent, SessionTotals } from '../runtime.ts'
import { inMillionths, type Sums } from './ledger.ts'
import type { PriceOf } from './prices.ts'
import { Spending } from './spending.ts'

export interface ChatLedgerParts {
  readonly store: Store
  readonly clock: Clock
  readonly priceOf: PriceOf
}

interface Told extends Sums {
  readonly turn: number | bigint
  readonly session: string | null
  readonly model: string | null
  readonly totals: string | null
}

/** What is stored at most so often while an answer is being given. */
const storeEveryMs = 1_000

/** What the answers of the chat agent cost. */
export class ChatLedger {
  readonly #parts: ChatLedgerParts
  readonly #begin
  readonly #before
  readonly #record

  constructor(parts: ChatLedgerParts) {
    const { db } = parts.store
    this.#parts = parts
    this.#begin = db.prepare<[number]>('INSERT INTO chat_turns (began_at) VALUES (?)')
    this.#before = db
      .prepare<[string], string>(
        `SELECT totals FROM chat_turns WHERE agent_session = ? AND totals IS NOT NULL
         ORDER BY turn DESC LIMIT 1`,
      )
      .pluck()
    this.#record = db.prepare<[Told]>(
      `UPDATE chat_turns SET agent_session = @session, model = @model, totals = @totals,
         measured = @measured, estimated = @estimated
       WHERE turn = @turn`,
    )
  }

  /** An answer begins, in this session of the agent program; in a fresh one where it is missing. */
  begin(session: string | undefined, model: string | undefined): ChatTurn {
    const { store, clock, priceOf } = this.#parts
    const { lastInsertRowid: turn } = store.transaction(() => this.#begin.run(clock.now()))
    const before = session === undefined ? undefined : this.#before.get(session)
    return new ChatTurn({
      clock,
      before: before === undefined ? undefined : (JSON.parse(before) as SessionTotals),
      spending: new Spending(model, priceOf),
      session,
      store: (spending, session) =>
        store.transaction(() => this.#record.run({ turn, ...toldBy(spending, session) })),
    })
  }
}

interface ChatTurnParts {
  readonly clock: Clock
  readonly before: SessionTotals | undefined
  readonly spending: Spending
  readonly session: string | undefined
  readonly store: (spending: Spending, session: string | undefined) => void
}

/** One answer: what it costs is stored while it is given, so that one that is cut off counts too. */
class ChatTurn {
  /** What the session had used before it; undefined where nobody knows. */
  readonly before: SessionTotals | undefined
  readonly #parts: ChatTurnParts
  #session: string | undefined
  #storedAt = Number.NEGATIVE_INFINITY

  constructor(parts: ChatTurnParts) {
    this.#parts = parts
    this.before = parts.before
    this.#session = parts.session
  }

  observe(event: AgentEvent): void {
    const { clock, spending } = this.#parts
    if (event.type === 'session') this.#session = event.id
    spending.observe([event])
    if (clock.now() - this.#storedAt >= storeEveryMs) this.settle()
  }

  /** It is over, and all of it was observed. */
  settle(): void {
    const { clock, spending, store } = this.#parts
    this.#storedAt = clock.now()
    store(spending, this.#session)
  }
}

function toldBy(
  { measured, estimated, model, totals }: Spending,
  session: string | undefined,
): Omit<Told, 'turn'> {
  return {
    session: session ?? null,
    model: model ?? null,
    totals: totals ? JSON.stringify(totals) : null,
    measured: inMillionths(measured),
    estimated: inMillionths(estimated),
  }
}
