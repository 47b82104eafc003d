import type { Clock } from '../../../src/kernel/clock.ts'
import { Refusal } from './refusal.ts'

/** Telegram's limits, taken at their word: in no stretch of time are there more messages than that. */
export class Limits {
  readonly #clock: Clock
  readonly #sent = new Map<string, number[]>()
  /** How often somebody was told to wait. */
  refused = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts a message. Throws `Refusal` 429 where it is one too many. */
  count(chat: number): void {
    const now = this.#clock.now()
    const waits = [
      this.#wait(`chat ${chat}`, 1, 1000, now),
      chat < 0 ? this.#wait(`group ${chat}`, 20, 60_000, now) : 0,
      this.#wait('all', 30, 1000, now),
    ]
    const wait = Math.max(...waits)
    if (wait > 0) {
      this.refused += 1
      const seconds = Math.ceil(wait / 1000)
      throw new Refusal(429, `Too Many Requests: retry after ${seconds}`, { retry_after: seconds })
    }
    for (const key of [`chat ${chat}`, `group ${chat}`, 'all'])
      this.#sent.set(key, [...(this.#sent.get(key) ?? []), now].slice(-30))
  }

  #wait(key: string, most: number, withinMs: number, now: number): number {
    const oldest = this.#sent.get(key)?.at(-most)
    return oldest === undefined ? 0 : Math.max(0, oldest + withinMs - now)
  }
}
