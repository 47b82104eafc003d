import type { Clock, Timer } from '../../src/kernel/clock.ts'
import type { Life } from '../support/mortal.ts'
import type { Chance } from './chance.ts'

interface Event {
  readonly at: number
  /** Who comes first of what is due at the same time. */
  readonly rank: number
  readonly run: () => void
}

/**
 * The one source of everything that happens: nothing in a simulation goes on but by its events, one
 * after another, in virtual time. What is due at the same time happens in an order that chance draws.
 */
export class Scheduler implements Clock {
  readonly #chance: Chance
  readonly #events = new Set<Event>()
  /** Milliseconds since the beginning, whatever the clock on the wall says. */
  #elapsed = 0
  #wall = Date.UTC(2026, 0, 1)

  constructor(chance: Chance) {
    this.#chance = chance
  }

  get elapsed(): number {
    return this.#elapsed
  }

  now(): number {
    return this.#wall + this.#elapsed
  }

  after(delayMs: number, run: () => void): Timer {
    const at = this.#elapsed + Math.max(0, Math.ceil(delayMs))
    const event = { at, rank: this.#chance.number(), run }
    this.#events.add(event)
    return { cancel: () => this.#events.delete(event) }
  }

  /** Somebody sets the clock on the wall. Timers do not mind. */
  jump(ms: number): void {
    this.#wall += ms
  }

  /** How many events are to come. */
  get pending(): number {
    return this.#events.size
  }

  /** Lets the next event happen. */
  step(): void {
    let next: Event | undefined
    for (const event of this.#events)
      if (!next || event.at < next.at || (event.at === next.at && event.rank < next.rank))
        next = event
    if (!next) throw new Error('nothing is left to happen')
    this.#events.delete(next)
    this.#elapsed = next.at
    next.run()
  }
}

/** One program's clock: when its life is over, its timers are gone. */
export class ProgramClock implements Clock {
  readonly #scheduler: Scheduler
  readonly #life: Life
  #pending = 0

  constructor(scheduler: Scheduler, life: Life) {
    this.#scheduler = scheduler
    this.#life = life
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#pending
  }

  now(): number {
    return this.#scheduler.now()
  }

  after(delayMs: number, run: () => void): Timer {
    if (this.#life.over) return { cancel: () => {} }
    let due = true
    const settle = () => {
      if (due) this.#pending--
      due = false
    }
    const timer = this.#scheduler.after(delayMs, () => {
      settle()
      if (!this.#life.over) run()
    })
    this.#pending++
    return {
      cancel() {
        settle()
        timer.cancel()
      },
    }
  }
}
