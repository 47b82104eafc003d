import type { AgentEvent } from '../runtime.ts'

/** How long a program may take to leave after it has told how it ended. */
const leaveMs = 10_000

/**
 * Notices a program that has told its end and does not leave. That is no breach: what it told counts,
 * and only the rest of it is to be ended.
 */
export class Leaving {
  #sinceMs: number | undefined

  observe(events: readonly AgentEvent[]): void {
    for (const { type } of events) {
      if (type === 'end') this.#sinceMs = 0
      // It was the end of a part only.
      else if (type === 'turn' || type === 'tool-start') this.#sinceMs = undefined
    }
  }

  pass(elapsedMs: number): void {
    if (this.#sinceMs !== undefined) this.#sinceMs += elapsedMs
  }

  get overdue(): boolean {
    return this.#sinceMs !== undefined && this.#sinceMs >= leaveMs
  }
}
