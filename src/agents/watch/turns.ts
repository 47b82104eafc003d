import type { AgentEvent } from '../runtime.ts'
import { type Breach, type Guard, itsFault } from './guard.ts'
import type { RunLimits } from './limits.ts'

/**
 * How often the model may answer, and how often with a call of a tool: talk does not use up the
 * second. The answer that reaches a limit is still the run's; the one beyond it ends the run.
 */
export class Turns implements Guard {
  readonly #limits: Pick<RunLimits, 'max_turns' | 'max_tool_turns'>
  #turns = 0
  #toolTurns = 0
  #calledTool = false

  constructor(limits: Pick<RunLimits, 'max_turns' | 'max_tool_turns'>) {
    this.#limits = limits
  }

  observe(events: readonly AgentEvent[]): void {
    for (const { type } of events) {
      if (type === 'turn') {
        this.#turns += 1
        this.#calledTool = false
      } else if (type === 'tool-start' && !this.#calledTool) {
        this.#toolTurns += 1
        this.#calledTool = true
      }
    }
  }

  check(): Breach | undefined {
    const { max_turns, max_tool_turns } = this.#limits
    if (max_turns !== undefined && this.#turns > max_turns)
      return itsFault(`The agent was not done after ${max_turns} turns (max_turns).`)
    if (max_tool_turns !== undefined && this.#toolTurns > max_tool_turns)
      return itsFault(
        `The agent was not done after ${max_tool_turns} turns with tools (max_tool_turns).`,
      )
    return undefined
  }
}
