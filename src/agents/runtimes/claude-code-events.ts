import type { AgentEvent } from '../runtime.ts'
import type { Fields } from './fields.ts'

/** A part of an answer. */
export function block(content: Fields): readonly AgentEvent[] {
  switch (content.text('type')) {
    case 'text':
      return [{ type: 'text', text: content.text('text') ?? '' }]
    case 'thinking':
      return [{ type: 'thinking', text: content.text('thinking') ?? '' }]
    case 'tool_use':
      return [
        {
          type: 'tool-start',
          id: content.text('id') ?? '',
          name: content.text('name') ?? 'unknown',
          input: content.value('input'),
        },
      ]
    default:
      return []
  }
}

/** What a tool gave back; nothing for other content. */
export function toolEnd(content: Fields): readonly AgentEvent[] {
  if (content.text('type') !== 'tool_result') return []
  const ok = content.value('is_error') !== true
  const output = content.text('content') ?? content.list('content').flatMap(textIn).join('\n')
  const code = ok ? undefined : /^Exit code (\d+)/.exec(output)?.[1]
  return [
    {
      type: 'tool-end',
      id: content.text('tool_use_id') ?? '',
      ok,
      ...(code !== undefined && { exit: Number(code) }),
      output,
    },
  ]
}

function textIn(content: Fields): string | readonly never[] {
  return content.text('text') ?? []
}

/** The program asks its service again by itself. */
export function retry(line: Fields): AgentEvent {
  const status = line.number('error_status')
  const error = line.text('error')
  return {
    type: 'retry',
    attempt: line.number('attempt') ?? 1,
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
  }
}

/**
 * Every healthy run of a subscription tells its limit. A plan that is used up refuses nothing as long
 * as paid overage steps in.
 */
export function limit(info: Fields): AgentEvent {
  const overage = info.value('isUsingOverage') === true
  const refused = info.text('status') === 'rejected' && !overage
  const warned = info.text('status') !== 'allowed'
  const window = info.text('rateLimitType')
  const seconds =
    info.number('resetsAt') ??
    info
      .at('unifiedWindows')
      .at(window ?? '')
      .number('resetsAt')
  return {
    type: 'limit',
    status: refused ? 'refused' : warned ? 'warning' : 'allowed',
    ...(window !== undefined && { window }),
    ...(seconds !== undefined && { resetsAt: seconds * 1000 }),
    overage,
  }
}

/** An answer that the service refused is a `success` with `is_error`, so that decides. */
export function end(result: Fields): AgentEvent {
  const failed = result.value('is_error') ?? result.text('subtype') !== 'success'
  const text = result.text('result') ?? result.texts('errors').join('\n')
  return { type: 'end', ok: failed !== true, text }
}
