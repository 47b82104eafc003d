import type { AgentEvent } from '../runtime.ts'
import { OpenCalls } from './calls.ts'
import { type Breach, type Guard, itsFault, type Tick } from './guard.ts'

/** Over this time it is looked at whether the processor is used. */
const windowMs = 5_000
/** A program that only waits for its tool uses less than this part of one processor. */
const busyFrom = 0.01

/**
 * How long a run may print nothing. The clock stands still as long as a tool call is open (or may be,
 * where the program tells of it later) and the run's processes use the processor: a build says nothing
 * for minutes and is at work all the same.
 */
export class Silence implements Guard {
  readonly #limitMs: number
  readonly #callsAreLate: boolean
  readonly #calls = new OpenCalls()
  #silentMs = 0
  #window: { readonly cpuMs: number; ageMs: number } | undefined

  constructor(seconds: number, callsAreLate = false) {
    this.#limitMs = seconds * 1000
    this.#callsAreLate = callsAreLate
  }

  observe(events: readonly AgentEvent[]): void {
    this.#calls.observe(events)
    this.#silentMs = 0
    this.#window = undefined
  }

  check(tick: Tick): Breach | undefined {
    if (this.#callsAreLate || this.#calls.any) this.#passInCall(tick)
    else this.#silentMs += tick.elapsedMs
    if (this.#silentMs < this.#limitMs) return undefined
    const seconds = this.#limitMs / 1000
    return itsFault(`The agent said nothing for ${seconds} seconds (inactivity_timeout_secs).`)
  }

  /** A window of time counts as silence as a whole, once it is known that nothing was at work in it. */
  #passInCall({ elapsedMs, cpuMs }: Tick): void {
    this.#window ??= { cpuMs: cpuMs(), ageMs: 0 }
    const window = this.#window
    window.ageMs += elapsedMs
    if (window.ageMs < windowMs) return
    const used = cpuMs() - window.cpuMs
    if (used < busyFrom * window.ageMs) this.#silentMs += window.ageMs
    this.#window = undefined
  }
}
