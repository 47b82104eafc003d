import type { AgentEvent, SessionTotals, TokenUse } from '../runtime.ts'
import { Conversation } from './conversation.ts'
import { priceOf as listPrice, type Price, type PriceOf } from './prices.ts'

/**
 * What one run has cost, computed from all that it has said: what its program says of money counts, and
 * what it has used since it last said so is estimated from its tokens. A run that was killed, and a
 * program that never speaks of money, leave the estimate.
 */
export class Spending {
  readonly #priceOf: PriceOf
  readonly #conversation: Conversation
  #model: string | undefined
  #totals: SessionTotals | undefined
  #asksModel = false
  #measured = 0
  #told = 0
  #toldOutput = 0

  /** `model` is what the run was ordered to use, as far as that is known. */
  constructor(model?: string, priceOf: PriceOf = listPrice) {
    this.#model = model
    this.#priceOf = priceOf
    this.#conversation = new Conversation(priceOf)
  }

  /** Dollars in all. */
  get usd(): number {
    return this.#measured + this.estimated
  }

  /** Dollars, in the program's own words. */
  get measured(): number {
    return this.#measured
  }

  /**
   * Dollars since then, by the price table. Tokens that the program has not told yet are guessed from
   * what was seen. A program that asks no model tells no turns: what it writes is free.
   */
  get estimated(): number {
    if (!this.#asksModel) return this.#told
    const { sent, written } = this.#conversation
    const output = Math.max(0, written - this.#toldOutput) * this.#priceOf(this.#model).output
    return this.#told + sent + output / 1e6
  }

  /** The model that answered last. */
  get model(): string | undefined {
    return this.#model
  }

  /** What its session had used in all, as last told. */
  get totals(): SessionTotals | undefined {
    return this.#totals
  }

  observe(events: readonly AgentEvent[]): void {
    for (const event of events) this.#note(event)
  }

  #note(event: AgentEvent): void {
    this.#conversation.observe(event, this.#model)
    switch (event.type) {
      case 'turn':
        this.#asksModel = true
        break
      case 'session':
        this.#model = event.model ?? this.#model
        break
      case 'usage':
        this.#model = event.model ?? this.#model
        this.#told += costOf(event, this.#priceOf(this.#model))
        this.#toldOutput += event.output
        if (event.input + event.cacheRead + event.cacheWrite > 0) this.#conversation.told()
        break
      case 'cost':
        this.#measured += event.usd
        this.#told = this.#toldOutput = 0
        this.#conversation.settled()
        break
      case 'totals':
        this.#totals = event.totals
        break
      default:
    }
  }
}

function costOf(use: TokenUse, price: Price): number {
  return (
    (use.input * price.input +
      use.output * price.output +
      use.cacheRead * price.cacheRead +
      use.cacheWrite * price.cacheWrite) /
    1e6
  )
}
