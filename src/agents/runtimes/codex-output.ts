import type { AgentEvent, SessionTotals, TokenUse } from '../runtime.ts'
import type { Fields } from './fields.ts'
import type { Dialect } from './json-lines.ts'
import type { Ending } from './outcome.ts'
import { beyond, isSome } from './token-use.ts'
import { Turns } from './turns.ts'

/**
 * The lines of `codex exec --json`. It tells no cost, its tokens are those of the whole session, and
 * only at the end of a turn.
 */
export class CodexOutput implements Dialect {
  readonly #turns = new Turns()
  readonly #started = new Set<string>()
  #totals: SessionTotals | undefined
  #error = ''

  constructor(before: SessionTotals | undefined) {
    this.#totals = before
  }

  read(line: Fields): readonly AgentEvent[] | undefined {
    switch (line.text('type')) {
      case 'thread.started':
        return [{ type: 'session', id: line.text('thread_id') ?? '' }]
      case 'turn.started':
        this.#turns.over()
        return []
      case 'item.started':
      case 'item.updated':
        return this.#item(line.at('item'), false)
      case 'item.completed':
        return this.#item(line.at('item'), true)
      case 'turn.completed':
        return [...this.#usage(line.at('usage')), { type: 'end', ok: true }]
      case 'turn.failed':
        this.#error = line.at('error').text('message') ?? this.#error
        return [{ type: 'end', ok: false, text: this.#error }]
      case 'error':
        return this.#trouble(line.text('message') ?? '')
      default:
        return undefined
    }
  }

  ending(): Partial<Ending> {
    const status = statusIn(this.#error)
    return status === undefined ? {} : { status }
  }

  #item(item: Fields, completed: boolean): readonly AgentEvent[] | undefined {
    const type = item.text('type') ?? ''
    switch (type) {
      case 'agent_message':
        return completed ? this.#answer({ type: 'text', text: item.text('text') ?? '' }) : []
      case 'reasoning':
        return completed ? this.#answer({ type: 'thinking', text: item.text('text') ?? '' }) : []
      case 'error':
        return completed ? [{ type: 'warning', text: item.text('message') ?? '' }] : []
      case 'todo_list':
      case 'plan':
        return []
      default:
        return toolTypes.has(type) ? this.#tool(item, completed) : undefined
    }
  }

  #answer(event: AgentEvent): readonly AgentEvent[] {
    return [...this.#turns.part(), event]
  }

  /** A tool that is quick is told only when it is done. */
  #tool(item: Fields, completed: boolean): readonly AgentEvent[] {
    const id = item.text('id') ?? ''
    const events: AgentEvent[] = []
    if (!this.#started.has(id)) {
      this.#started.add(id)
      events.push(
        ...this.#answer({ type: 'tool-start', id, name: nameOf(item), input: inputOf(item) }),
      )
    }
    if (!completed) return events
    this.#turns.over()
    const exit = item.number('exit_code')
    const output = outputOf(item)
    if (item.text('status') === 'declined' || needsApproval.test(output))
      events.push({ type: 'denied', tool: nameOf(item) })
    const ok = item.text('status') !== 'failed' && item.text('status') !== 'declined'
    events.push({ type: 'tool-end', id, ok, ...(exit !== undefined && { exit }), output })
    return events
  }

  #usage(usage: Fields): readonly AgentEvent[] {
    const totals = { ...useOf(usage), usd: 0 }
    const more = this.#totals ? beyond(totals, this.#totals) : useOf(usage)
    this.#totals = totals
    return [
      ...(isSome(more) ? [{ type: 'usage', ...more } as const] : []),
      { type: 'totals', totals },
    ]
  }

  /** Most of these are no end: it connects again. What it gives up for is told in `turn.failed` too. */
  #trouble(message: string): readonly AgentEvent[] {
    this.#error = message
    const attempt = /^Reconnecting\W+(\d+)/.exec(message)?.[1]
    if (attempt === undefined) return []
    const status = statusIn(message)
    const seen = status === undefined ? {} : { status }
    return [{ type: 'retry', attempt: Number(attempt), ...seen, error: message }]
  }
}

const toolTypes = new Set([
  ...['command_execution', 'file_change', 'mcp_tool_call', 'collab_tool_call', 'web_search'],
])

const needsApproval = /^MCP tool call requires approval/

function nameOf(item: Fields): string {
  const server = item.text('server')
  if (server === undefined) return item.text('type') ?? 'unknown'
  return `mcp__${server}__${item.text('tool') ?? 'unknown'}`
}

function inputOf(item: Fields): unknown {
  const command = item.text('command')
  if (command !== undefined) return { command }
  return item.value('arguments') ?? item.value('changes') ?? item.value('query')
}

function outputOf(item: Fields): string {
  const error = item.at('error').text('message')
  const texts = item
    .at('result')
    .list('content')
    .flatMap((part) => part.text('text') ?? [])
  return item.text('aggregated_output') ?? error ?? texts.join('\n')
}

/** Its input includes what was read from the cache and written to it. */
function useOf(usage: Fields): TokenUse {
  const cacheRead = usage.number('cached_input_tokens') ?? 0
  const cacheWrite = usage.number('cache_write_input_tokens') ?? 0
  return {
    input: Math.max(0, (usage.number('input_tokens') ?? 0) - cacheRead - cacheWrite),
    output: usage.number('output_tokens') ?? 0,
    cacheRead,
    cacheWrite,
  }
}

/** The status is a part of a sentence. */
function statusIn(message: string): number | undefined {
  const status = /\bstatus:? (\d{3})\b/.exec(message)?.[1]
  return status === undefined ? undefined : Number(status)
}
