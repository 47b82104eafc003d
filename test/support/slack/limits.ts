import type { Clock } from '../../../src/kernel/clock.ts'
import { Refusal } from './refusal.ts'

/** Slack's limit, taken at its word: in no second is there more than one message to a channel. */
export class Limits {
  readonly #clock: Clock
  readonly #sent = new Map<string, number>()
  /** How often somebody was told to wait. */
  refused = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts a message. Throws `Refusal` 429 where it is one too many. */
  count(channel: string): void {
    const wait = (this.#sent.get(channel) ?? 0) + 1000 - this.#clock.now()
    if (wait > 0) {
      this.refused += 1
      throw new Refusal('ratelimited', 429, Math.ceil(wait / 1000))
    }
    this.#sent.set(channel, this.#clock.now())
  }
}
