import { createHash } from 'node:crypto'
import type { AgentEvent } from '../runtime.ts'
import { type Breach, type Guard, itsFault } from './guard.ts'

/** A tool call that has ended, and what is the same where it is repeated. */
interface Step {
  readonly name: string
  /** Of the call with its result. */
  readonly whole: string
  /** Of the error alone; undefined where it went well. */
  readonly error: string | undefined
}

const sameCalls = 4
const sameErrors = 3
const alternating = 6

/**
 * Finds agents that go round in circles: the same call with the same result four times in a row, the
 * same error three times in a row, or two calls by turns over six.
 */
export class Loops implements Guard {
  readonly #open = new Map<string, { readonly name: string; readonly call: string }>()
  #steps: readonly Step[] = []
  #breach: Breach | undefined

  observe(events: readonly AgentEvent[]): void {
    for (const event of events) {
      if (event.type === 'tool-start') {
        const call = `${event.name} ${JSON.stringify(event.input)}`
        this.#open.set(event.id, { name: event.name, call: digest(call) })
      } else if (event.type === 'tool-end') this.#end(event)
    }
  }

  check(): Breach | undefined {
    return this.#breach
  }

  #end({ id, ok, output }: Extract<AgentEvent, { type: 'tool-end' }>): void {
    const open = this.#open.get(id)
    if (!open) return
    this.#open.delete(id)
    const whole = digest(`${open.call} ${ok} ${output}`)
    // Three searches that find nothing all fail in the same words, and are no loop.
    const saysWhy = output.replace(bareExit, '').trim() !== ''
    const error = ok ? undefined : saysWhy ? digest(`${open.name} ${output}`) : whole
    this.#steps = [...this.#steps, { name: open.name, whole, error }].slice(-alternating)
    this.#breach ??= loopIn(this.#steps)
  }
}

/** How some programs tell that a command failed without a word. */
const bareExit =
  /^\W*(error:? )?(command )?(exit(ed)?|failed)( with)?( exit)? (code|status):? ?\d+\W*$/i

function loopIn(steps: readonly Step[]): Breach | undefined {
  const last = steps.at(-1)
  if (!last) return undefined
  if (inARow(steps, sameCalls, ({ whole }) => whole))
    return itsFault(
      `The agent made the same call of ${last.name} ${sameCalls} times, always with the same result.`,
    )
  if (last.error !== undefined && inARow(steps, sameErrors, ({ error }) => error))
    return itsFault(`The tool ${last.name} told the agent the same error ${sameErrors} times.`)
  const [first, second] = steps
  if (steps.length < alternating || first?.whole === second?.whole) return undefined
  if (steps.every(({ whole }, index) => whole === (index % 2 === 0 ? first : second)?.whole))
    return itsFault(
      `The agent goes back and forth between the same two calls: ${first?.name} and ${second?.name}.`,
    )
  return undefined
}

function inARow(
  steps: readonly Step[],
  count: number,
  key: (step: Step) => string | undefined,
): boolean {
  const last = steps.slice(-count).map(key)
  return last.length === count && last.every((each) => each === last[0])
}

/** Calls and results may be as long as files. */
function digest(text: string): string {
  return createHash('sha1').update(text).digest('base64')
}
