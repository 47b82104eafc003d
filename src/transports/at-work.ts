import { type Place, sessionOf } from '../bot/message.ts'
import { type Clock, pause } from '../kernel/clock.ts'

/** Where a network shows now that the bot is at work, which fades there by itself. */
export class AtWork {
  readonly #clock: Clock
  readonly #againMs: number
  readonly #shown = new Map<string, AbortController>()

  constructor(clock: Clock, againMs: number) {
    this.#clock = clock
    this.#againMs = againMs
  }

  /** Shows it by `show`, and again before it fades, until it is hidden or `show` rejects, as this does then. */
  async show(place: Place, show: () => Promise<unknown>): Promise<void> {
    this.hide(place)
    const shown = new AbortController()
    this.#shown.set(sessionOf(place), shown)
    while (!shown.signal.aborted) {
      await show()
      await pause(this.#clock, this.#againMs, shown.signal)
    }
  }

  /** Lets it fade; false where it was not shown. */
  hide(place: Place): boolean {
    const key = sessionOf(place)
    this.#shown.get(key)?.abort()
    return this.#shown.delete(key)
  }

  /** Lets it fade everywhere: the connection has ended. */
  hideAll(): void {
    for (const shown of this.#shown.values()) shown.abort()
    this.#shown.clear()
  }
}
