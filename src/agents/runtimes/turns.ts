import type { AgentEvent } from '../runtime.ts'

/**
 * Counts the model's answers for programs that do not: what comes after the result of a tool is a new
 * one. Where the tools of one answer run one after another that is too many, never too few.
 */
export class Turns {
  #answering = false

  /** To be told before each part of an answer. */
  part(): readonly AgentEvent[] {
    if (this.#answering) return []
    this.#answering = true
    return [{ type: 'turn' }]
  }

  /** A tool has given its result, or the model was asked anew. */
  over(): void {
    this.#answering = false
  }
}
