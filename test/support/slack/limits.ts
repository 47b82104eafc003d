import type { Clock } from '../../../src/kernel/clock.ts'
import { Refusal } from './refusal.ts'

const minuteMs = 60_000
/** Slack's third tier. */
const mostChanges = 50

/**
 * Slack's limits, taken at their word: in no second is there more than one message to a channel, and in
 * no minute there are more than fifty changes of messages in all.
 */
export class Limits {
  readonly #clock: Clock
  readonly #sent = new Map<string, number>()
  #changes: number[] = []
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

  /** Counts a change of a message. Throws `Refusal` 429 where it is one too many. */
  countChange(): void {
    const now = this.#clock.now()
    this.#changes = this.#changes.filter((at) => at > now - minuteMs)
    const [oldest] = this.#changes
    if (oldest !== undefined && this.#changes.length >= mostChanges) {
      this.refused += 1
      throw new Refusal('ratelimited', 429, Math.ceil((oldest + minuteMs - now) / 1000))
    }
    this.#changes.push(now)
  }
}
