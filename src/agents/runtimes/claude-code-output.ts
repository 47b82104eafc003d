import type { AgentEvent, SessionTotals, TokenUse } from '../runtime.ts'
import { block, end, limit, retry, toolEnd } from './claude-code-events.ts'
import { Spending } from './claude-code-spending.ts'
import type { Fields } from './fields.ts'
import type { Dialect } from './json-lines.ts'
import type { Ending } from './outcome.ts'
import { beyond, isSome, noUse, plus } from './token-use.ts'

/**
 * The lines of `claude -p --output-format stream-json`. Each content block of an answer has a line of
 * its own with the id of the whole answer, which is counted once.
 */
export class ClaudeCodeOutput implements Dialect {
  readonly #spending: Spending
  /** What was told of each answer since the last result. */
  readonly #told = new Map<string, TokenUse>()
  readonly #answers = new Set<string>()
  readonly #deniedCalls = new Set<string>()
  #version: string | undefined
  #model: string | undefined
  /** The answer that is being written. */
  #writing = ''
  /** The last line that tells of a failure: an answer that the program wrote itself, or a result. */
  #failure: Fields | undefined

  constructor(before: SessionTotals | undefined) {
    this.#spending = new Spending(before)
  }

  read(line: Fields): readonly AgentEvent[] | undefined {
    const type = line.text('type')
    switch (type) {
      case 'system':
        return this.#system(line)
      case 'assistant':
        return this.#assistant(line)
      case 'user':
        return line.at('message').list('content').flatMap(toolEnd)
      case 'stream_event':
        return this.#partial(line)
      case 'rate_limit_event':
        return [limit(line.at('rate_limit_info'))]
      case 'result':
        return this.#result(line)
      default:
        return otherTypes.has(type ?? '') ? [] : undefined
    }
  }

  ending(): Partial<Ending> {
    const names = ['subtype', 'error', 'api_error', 'api_error_type', 'terminal_reason']
    return {
      status: this.#failure?.number('api_error_status'),
      codes: names.flatMap((name) => this.#failure?.text(name) ?? []),
    }
  }

  #system(line: Fields): readonly AgentEvent[] | undefined {
    const subtype = line.text('subtype') ?? ''
    switch (subtype) {
      case 'init':
        return this.#init(line)
      case 'permission_denied':
        return this.#denied(line)
      case 'api_retry':
        return [retry(line)]
      default:
        return otherSubtypes.has(subtype) ? [] : undefined
    }
  }

  #init(line: Fields): readonly AgentEvent[] {
    this.#version = line.text('claude_code_version')
    this.#model = line.text('model')
    const id = line.text('session_id')
    if (id === undefined) return []
    return [{ type: 'session', id, ...(this.#model !== undefined && { model: this.#model }) }]
  }

  #assistant(line: Fields): readonly AgentEvent[] {
    const message = line.at('message')
    // It stands in for an answer that the service did not give.
    if (message.text('model') === '<synthetic>') {
      this.#failure = line
      return []
    }
    const id = message.text('id') ?? ''
    const turn = !this.#answers.has(id) && !line.has('parent_tool_use_id')
    this.#answers.add(id)
    return [
      ...(turn ? [{ type: 'turn' } as const] : []),
      ...this.#usage(id, message.at('usage'), message.text('model')),
      ...message.list('content').flatMap(block),
    ]
  }

  /** Only here the size of an answer is told before the end of the run. */
  #partial(line: Fields): readonly AgentEvent[] {
    const event = line.at('event')
    if (event.text('type') === 'message_start') {
      const message = event.at('message')
      this.#writing = message.text('id') ?? ''
      return this.#usage(this.#writing, message.at('usage'), message.text('model'))
    }
    if (event.text('type') !== 'message_delta') return []
    const id = line.text('api_message_id') ?? this.#writing
    return this.#usage(id, event.at('usage'))
  }

  /** What this adds to what was told of the answer. */
  #usage(id: string, usage: Fields, model = this.#model): readonly AgentEvent[] {
    this.#model = model
    const told = this.#told.get(id) ?? noUse
    const more = beyond(
      {
        input: usage.number('input_tokens') ?? 0,
        output: usage.number('output_tokens') ?? 0,
        cacheRead: usage.number('cache_read_input_tokens') ?? 0,
        cacheWrite: usage.number('cache_creation_input_tokens') ?? 0,
      },
      told,
    )
    this.#told.set(id, plus(told, more))
    return usageOf(more, model)
  }

  #result(line: Fields): readonly AgentEvent[] {
    this.#failure = line
    const { since, totals } = this.#spending.add(line, this.#version)
    const told = [...this.#told.values()].reduce(plus, noUse)
    this.#told.clear()
    return [
      ...line.list('permission_denials').flatMap((denial) => this.#denied(denial)),
      ...usageOf(beyond(since, told), this.#model),
      { type: 'cost', usd: since.usd },
      { type: 'totals', totals },
      end(line),
    ]
  }

  #denied(call: Fields): readonly AgentEvent[] {
    const id = call.text('tool_use_id') ?? ''
    if (this.#deniedCalls.has(id)) return []
    this.#deniedCalls.add(id)
    return [{ type: 'denied', tool: call.text('tool_name') ?? 'unknown' }]
  }
}

const otherTypes = new Set([
  ...['control_request', 'control_response', 'control_cancel_request', 'keep_alive'],
  ...['tool_progress', 'tool_use_summary', 'auth_status', 'prompt_suggestion'],
  'conversation_reset',
])

const otherSubtypes = new Set([
  ...['status', 'compact_boundary', 'hook_started', 'hook_progress', 'hook_response'],
  ...['task_started', 'task_progress', 'task_updated', 'task_notification'],
  ...['background_tasks_changed', 'session_state_changed', 'vcs_state_changed'],
  ...[
    'session_writes_lost',
    'worker_shutting_down',
    'plugin_install',
    'notification',
    'informational',
    'mirror_error',
  ],
  ...['files_persisted', 'elicitation_complete', 'local_command_output', 'thinking_tokens'],
])

function usageOf(use: TokenUse, model: string | undefined): readonly AgentEvent[] {
  return isSome(use) ? [{ type: 'usage', ...(model !== undefined && { model }), ...use }] : []
}
