import type { AgentEvent } from '../runtime.ts'
import type { PriceOf } from './prices.ts'

/** About so many characters are one token. */
const charactersPerToken = 4
/** What an agent program sends before anything was said: its own instructions and its tools. */
const firstTokens = 15_000
/** About where such programs begin to sum up what was said. */
const longestTokens = 200_000

/**
 * Guesses what a conversation costs from what is seen of it, for programs that tell their tokens only
 * at the end of it: with each answer all that was said before is sent again, most of it from a cache.
 */
export class Conversation {
  readonly #priceOf: PriceOf
  #heard = firstTokens
  #fresh = firstTokens
  #written = 0
  #sent = 0

  constructor(priceOf: PriceOf) {
    this.#priceOf = priceOf
  }

  /** Dollars, for what was sent since the program last told its tokens. */
  get sent(): number {
    return this.#sent
  }

  /** Tokens that the model wrote since the program last told its money. */
  get written(): number {
    return this.#written
  }

  /** The program has told what it sent so far. */
  told(): void {
    this.#sent = 0
  }

  /** The program has told what everything has cost so far. */
  settled(): void {
    this.#sent = this.#written = 0
  }

  observe(event: AgentEvent, model: string | undefined): void {
    switch (event.type) {
      case 'turn':
        this.#send(model)
        break
      case 'text':
      case 'thinking':
        this.#write(event.text)
        break
      case 'tool-start':
        this.#write(JSON.stringify(event.input) ?? '')
        break
      case 'tool-end':
        this.#hear(event.output.length / charactersPerToken)
        break
      default:
    }
  }

  #send(model: string | undefined): void {
    const { input, cacheRead } = this.#priceOf(model)
    const cached = this.#heard - this.#fresh
    this.#sent += (cached * cacheRead + this.#fresh * input) / 1e6
    this.#fresh = 0
  }

  #write(text: string): void {
    const tokens = text.length / charactersPerToken
    this.#written += tokens
    this.#hear(tokens)
  }

  #hear(tokens: number): void {
    this.#heard = Math.min(longestTokens, this.#heard + tokens)
    this.#fresh = Math.min(this.#heard, this.#fresh + tokens)
  }
}
