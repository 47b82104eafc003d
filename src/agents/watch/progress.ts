import { createHash } from 'node:crypto'
import type { AgentEvent } from '../runtime.ts'
import { type Breach, type Guard, itsFault, type Tick } from './guard.ts'

/**
 * How long a run may go on without doing anything that it has not done before; 0 is no limit. A tool
 * call with another input is something new, so that an agent that only reads makes progress as long
 * as it reads other files. Talk is none, except of a program that tells neither turns nor tools.
 */
export class Progress implements Guard {
  readonly #limitMs: number
  readonly #seen = new Set<string>()
  #idleMs = 0
  #tellsTurns = false

  constructor(seconds: number) {
    this.#limitMs = seconds * 1000
  }

  observe(events: readonly AgentEvent[]): void {
    for (const event of events) {
      if (event.type === 'turn' || event.type === 'tool-start') this.#tellsTurns = true
      if (event.type === 'tool-start') this.#note(`${event.name} ${JSON.stringify(event.input)}`)
      else if (event.type === 'text' && !this.#tellsTurns) this.#idleMs = 0
    }
  }

  check({ elapsedMs }: Tick): Breach | undefined {
    this.#idleMs += elapsedMs
    if (this.#limitMs === 0 || this.#idleMs < this.#limitMs) return undefined
    const seconds = this.#limitMs / 1000
    return itsFault(`The agent did nothing new for ${seconds} seconds (progress_timeout_secs).`)
  }

  #note(call: string): void {
    // Calls are as long as the files that they write.
    const key = createHash('sha1').update(call).digest('base64')
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#idleMs = 0
  }
}
