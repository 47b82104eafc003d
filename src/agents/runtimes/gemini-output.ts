import type { AgentEvent } from '../runtime.ts'
import type { Fields } from './fields.ts'
import type { Dialect } from './json-lines.ts'
import type { Ending } from './outcome.ts'
import { isSome } from './token-use.ts'
import { Turns } from './turns.ts'

/** The lines of `gemini -o stream-json`. Its tokens are those of the run, told at its end. */
export class GeminiOutput implements Dialect {
  readonly #turns = new Turns()
  readonly #tools = new Map<string, string>()
  /** A line of text that the model has not finished. */
  #unfinished = ''
  #model: string | undefined
  #code: string | undefined

  read(line: Fields): readonly AgentEvent[] | undefined {
    const type = line.text('type')
    if (type === 'message') return this.#message(line)
    const events = this.#other(type, line)
    return events && [...this.#flush(), ...events]
  }

  /** It asks again by itself, if need be in hours. */
  text(line: string): readonly AgentEvent[] | undefined {
    const [, attempt, error, ms] = retries.exec(line) ?? []
    if (error === undefined) return undefined
    return [{ type: 'retry', attempt: Number(attempt), error, afterMs: Number(ms) }]
  }

  /** A service's refusal is told by nothing but the exit code. */
  ending(exitCode: number | undefined): Partial<Ending> {
    const code = exitNames.get(exitCode ?? 0)
    return {
      status: statuses.find((status) => status % 256 === exitCode),
      codes: [this.#code, code].filter((name) => name !== undefined),
    }
  }

  #other(type: string | undefined, line: Fields): readonly AgentEvent[] | undefined {
    switch (type) {
      case 'init':
        return this.#init(line)
      case 'tool_use':
        return this.#toolStart(line)
      case 'tool_result':
        return this.#toolEnd(line)
      case 'error':
        return [{ type: 'warning', text: line.text('message') ?? '' }]
      case 'result':
        return this.#result(line)
      default:
        return undefined
    }
  }

  #init(line: Fields): readonly AgentEvent[] {
    this.#model = line.text('model')
    const model = this.#model === undefined ? {} : { model: this.#model }
    return [{ type: 'session', id: line.text('session_id') ?? '', ...model }]
  }

  /** Text comes in pieces, and is passed on in whole lines. */
  #message(line: Fields): readonly AgentEvent[] {
    if (line.text('role') !== 'assistant') return []
    const text = this.#unfinished + (line.text('content') ?? '')
    const end = text.lastIndexOf('\n')
    this.#unfinished = text.slice(end + 1)
    return [...this.#turns.part(), ...textOf(text.slice(0, Math.max(0, end)))]
  }

  #flush(): readonly AgentEvent[] {
    const text = this.#unfinished
    this.#unfinished = ''
    return textOf(text)
  }

  #toolStart(line: Fields): readonly AgentEvent[] {
    const id = line.text('tool_id') ?? ''
    const name = line.text('tool_name') ?? 'unknown'
    this.#tools.set(id, name)
    const input = line.value('parameters')
    return [...this.#turns.part(), { type: 'tool-start', id, name, input }]
  }

  #toolEnd(line: Fields): readonly AgentEvent[] {
    this.#turns.over()
    const id = line.text('tool_id') ?? ''
    const error = line.at('error')
    const output = line.text('output') ?? error.text('message') ?? ''
    // A command that failed is a tool that worked.
    const told = /(?:^|\n)Command exited with code: (\d+)\s*$/.exec(output)?.[1]
    const exit = told === undefined ? undefined : Number(told)
    const denied = deniedTypes.has(error.text('type') ?? '')
    return [
      ...(denied ? [{ type: 'denied', tool: this.#tools.get(id) ?? 'unknown' } as const] : []),
      {
        type: 'tool-end',
        id,
        ok: line.text('status') === 'success' && (exit ?? 0) === 0,
        ...(exit !== undefined && { exit }),
        output,
      },
    ]
  }

  #result(line: Fields): readonly AgentEvent[] {
    this.#code = line.at('error').text('type')
    const ok = line.text('status') === 'success'
    const text = line.at('error').text('message')
    return [
      ...this.#usage(line.at('stats')),
      { type: 'end', ok, ...(text !== undefined && { text }) },
    ]
  }

  /** What a model thinks is in the total alone. */
  #usage(stats: Fields): readonly AgentEvent[] {
    const sent = stats.number('input_tokens') ?? 0
    const said = stats.number('output_tokens') ?? 0
    const cacheRead = stats.number('cached') ?? 0
    const use = {
      input: stats.number('input') ?? Math.max(0, sent - cacheRead),
      output: Math.max(said, (stats.number('total_tokens') ?? 0) - sent),
      cacheRead,
      cacheWrite: 0,
    }
    const model = this.#model === undefined ? {} : { model: this.#model }
    return isSome(use) ? [{ type: 'usage', ...model, ...use }] : []
  }
}

const retries = /^Attempt (\d+) failed: (.*?)\.* Retrying after (\d+)ms/

const deniedTypes = new Set(['policy_violation'])

const exitNames: ReadonlyMap<number, string> = new Map([
  [41, 'no-login'],
  [53, 'FatalTurnLimitedError'],
])

/** What a service may refuse with; the program exits with the rest of a division by 256. */
const statuses = [400, 401, 403, 404, 413, 429, 500, 502, 503, 504]

function textOf(text: string): readonly AgentEvent[] {
  return text === '' ? [] : [{ type: 'text', text }]
}
