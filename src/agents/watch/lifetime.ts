import { type Breach, type Guard, itsFault, type Tick } from './guard.ts'

/** How long a run may take in all, from its start on; 0 is no limit. */
export class Lifetime implements Guard {
  readonly #limitMs: number
  #ageMs: number

  /** `ageMs` is how old the run is already, where an earlier start of this program began it. */
  constructor(seconds: number, ageMs: number) {
    this.#limitMs = seconds * 1000
    this.#ageMs = ageMs
  }

  observe(): void {}

  check({ elapsedMs }: Tick): Breach | undefined {
    this.#ageMs += elapsedMs
    if (this.#limitMs === 0 || this.#ageMs < this.#limitMs) return undefined
    const seconds = this.#limitMs / 1000
    return itsFault(`The agent was not done after ${seconds} seconds (run_timeout_secs).`)
  }
}
