import type { AgentEvent } from '../runtime.ts'
import { OpenCalls } from './calls.ts'
import { type Breach, type Guard, itsFault, type Tick } from './guard.ts'

/** How long one tool call may take; 0 is no limit. */
export class ToolTime implements Guard {
  readonly #limitMs: number
  readonly #calls = new OpenCalls()

  constructor(seconds: number) {
    this.#limitMs = seconds * 1000
  }

  observe(events: readonly AgentEvent[]): void {
    this.#calls.observe(events)
  }

  check({ elapsedMs }: Tick): Breach | undefined {
    this.#calls.pass(elapsedMs)
    const { oldest } = this.#calls
    if (this.#limitMs === 0 || !oldest || oldest.openMs < this.#limitMs) return undefined
    const seconds = this.#limitMs / 1000
    return itsFault(
      `A call of the tool ${oldest.name} took more than ${seconds} seconds (tool_timeout_secs).`,
    )
  }
}
