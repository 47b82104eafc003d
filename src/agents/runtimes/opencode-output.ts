import type { AgentEvent } from '../runtime.ts'
import type { Fields } from './fields.ts'
import type { Dialect } from './json-lines.ts'
import type { Ending } from './outcome.ts'

/**
 * The lines of `opencode run --format json`. A tool is told only once it is done, and the end not at
 * all: done is what ended with exit code 0 or with an answer that calls no tool. It goes on after some
 * errors, and ends with another code all the same.
 */
export class OpencodeOutput implements Dialect {
  #error: Fields | undefined
  #answered = false

  read(line: Fields): readonly AgentEvent[] | undefined {
    const events = this.#events(line)
    const id = line.text('sessionID')
    return events && id !== undefined ? [{ type: 'session', id }, ...events] : events
  }

  ending(exitCode: number | undefined): Partial<Ending> {
    if (this.#answered) return { said: 'done' }
    if (!this.#error) return exitCode === 0 ? { said: 'done' } : {}
    const name = this.#error.text('name')
    return {
      status: this.#error.at('data').number('statusCode'),
      codes: name === undefined ? [] : [name],
    }
  }

  #events(line: Fields): readonly AgentEvent[] | undefined {
    const part = line.at('part')
    switch (line.text('type')) {
      case 'step_start':
        return [{ type: 'turn' }]
      case 'text':
        return [{ type: 'text', text: part.text('text') ?? '' }]
      case 'reasoning':
        return [{ type: 'thinking', text: part.text('text') ?? '' }]
      case 'tool_use':
        return tool(part)
      case 'step_finish':
        this.#answered = part.text('reason') === 'stop'
        return spent(part)
      case 'error':
        this.#error = line.at('error')
        this.#answered = false
        return [{ type: 'end', ok: false, text: messageOf(this.#error) }]
      default:
        return undefined
    }
  }
}

function tool(part: Fields): readonly AgentEvent[] {
  const id = part.text('callID') ?? ''
  const name = part.text('tool') ?? 'unknown'
  const state = part.at('state')
  const exit = state.at('metadata').number('exit')
  const error = state.text('error')
  const denied = error !== undefined && notAllowed.test(error)
  return [
    { type: 'tool-start', id, name, input: state.value('input') },
    ...(denied ? [{ type: 'denied', tool: name } as const] : []),
    {
      type: 'tool-end',
      id,
      ok: state.text('status') === 'completed' && (exit ?? 0) === 0,
      ...(exit !== undefined && { exit }),
      output: state.text('output') ?? error ?? '',
    },
  ]
}

const notAllowed = /rejected permission|a rule which prevents/i

function spent(part: Fields): readonly AgentEvent[] {
  const tokens = part.at('tokens')
  const usd = part.number('cost')
  return [
    {
      type: 'usage',
      input: tokens.number('input') ?? 0,
      output: (tokens.number('output') ?? 0) + (tokens.number('reasoning') ?? 0),
      cacheRead: tokens.at('cache').number('read') ?? 0,
      cacheWrite: tokens.at('cache').number('write') ?? 0,
    },
    ...(usd === undefined ? [] : [{ type: 'cost', usd } as const]),
  ]
}

function messageOf(error: Fields): string {
  return error.at('data').text('message') ?? error.text('name') ?? ''
}
