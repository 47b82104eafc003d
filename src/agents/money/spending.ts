import type { AgentEvent, SessionTotals, TokenUse } from '../runtime.ts'
import { priceOf } from './prices.ts'

/** About so many characters of what a model writes are one token. */
const charactersPerToken = 4

/**
 * What one run has cost, computed from all that it has said: what its program says of money counts, and
 * what it has used since it last said so is estimated from its tokens. A run that was killed, and a
 * program that never speaks of money, leave the estimate.
 */
export class Spending {
  #model: string | undefined
  #totals: SessionTotals | undefined
  #measured = 0
  #told = 0
  #written = 0
  #tokens = 0
  #tellsTurns = false

  /** `model` is what the run was ordered to use, as far as that is known. */
  constructor(model?: string) {
    this.#model = model
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
   * Dollars since then, by the price table. Some programs tell what is written only at the end, so what
   * was seen being written counts where it is more.
   */
  get estimated(): number {
    // A program that tells no turns asks no model: what it writes is free.
    if (!this.#tellsTurns) return this.#told
    const unsaid = Math.max(0, this.#written / charactersPerToken - this.#tokens)
    return this.#told + (unsaid * priceOf(this.#model).output) / 1e6
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
    switch (event.type) {
      case 'session':
        this.#model = event.model ?? this.#model
        break
      case 'turn':
        this.#tellsTurns = true
        break
      case 'usage':
        this.#model = event.model ?? this.#model
        this.#told += costOf(event, this.#model)
        this.#tokens += event.output
        break
      case 'cost':
        this.#measured += event.usd
        this.#told = this.#written = this.#tokens = 0
        break
      case 'totals':
        this.#totals = event.totals
        break
      case 'text':
      case 'thinking':
        this.#written += event.text.length
        break
      case 'tool-start':
        this.#written += (JSON.stringify(event.input) ?? '').length
        break
      default:
    }
  }
}

function costOf(use: TokenUse, model: string | undefined): number {
  const price = priceOf(model)
  return (
    (use.input * price.input +
      use.output * price.output +
      use.cacheRead * price.cacheRead +
      use.cacheWrite * price.cacheWrite) /
    1e6
  )
}
