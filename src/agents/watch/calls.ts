import type { AgentEvent } from '../runtime.ts'

/** A tool call that has not ended. */
interface OpenCall {
  readonly name: string
  openMs: number
}

/** The tool calls of a run that have begun and not ended, and for how long each is open. */
export class OpenCalls {
  readonly #open = new Map<string, OpenCall>()

  get any(): boolean {
    return this.#open.size > 0
  }

  /** The one that is open for the longest time. */
  get oldest(): Readonly<OpenCall> | undefined {
    const [first, ...others] = this.#open.values()
    return first && others.reduce((one, other) => (other.openMs > one.openMs ? other : one), first)
  }

  observe(events: readonly AgentEvent[]): void {
    for (const event of events) {
      if (event.type === 'tool-start') this.#open.set(event.id, { name: event.name, openMs: 0 })
      else if (event.type === 'tool-end') this.#open.delete(event.id)
      // Whatever was under way then will never be told of.
      else if (event.type === 'end') this.#open.clear()
    }
  }

  pass(elapsedMs: number): void {
    for (const call of this.#open.values()) call.openMs += elapsedMs
  }
}
