import type { Clock, Timer } from '../../src/kernel/clock.ts'

interface Entry {
  readonly at: number
  readonly order: number
  readonly run: () => void
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now: number
  /** How far somebody has set the clock, apart from the time that passed. */
  #set = 0
  #order = 0
  readonly #entries = new Set<Entry>()

  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now + this.#set
  }

  /** Somebody sets the clock, as on a wall: timers do not mind. */
  jump(ms: number): void {
    this.#set += ms
  }

  after(delayMs: number, run: () => void): Timer {
    const entry: Entry = { at: this.#now + Math.max(0, delayMs), order: this.#order++, run }
    this.#entries.add(entry)
    return { cancel: () => this.#entries.delete(entry) }
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#entries.size
  }

  /** When the next timer is due; undefined when none is set. */
  get next(): number | undefined {
    const first = this.#first()
    return first && first.at + this.#set
  }

  /** Moves time on by `ms`, firing each timer on the way at its own moment, in order. */
  advance(ms: number): void {
    const target = this.#now + ms
    for (;;) {
      const entry = this.#first()
      if (!entry || entry.at > target) break
      this.#entries.delete(entry)
      this.#now = entry.at
      entry.run()
    }
    this.#now = target
  }

  #first(): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#entries) {
      if (!first || entry.at < first.at || (entry.at === first.at && entry.order < first.order))
        first = entry
    }
    return first
  }
}
