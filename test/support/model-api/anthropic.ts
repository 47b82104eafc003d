import { z } from 'zod'
import { type Dialogue, type Message, offeredTool } from './dialogue.ts'
import { event, type Protocol, pieces } from './protocol.ts'
import type { Answer, ToolCall } from './reply.ts'

const text = z.looseObject({ type: z.literal('text'), text: z.string() })
const block = z.discriminatedUnion('type', [
  text,
  z.looseObject({ type: z.literal('thinking') }),
  z.looseObject({ type: z.literal('tool_use'), name: z.string() }),
  z.looseObject({
    type: z.literal('tool_result'),
    content: z.union([z.string(), z.array(text)]).optional(),
  }),
])
const request = z.looseObject({
  model: z.string(),
  stream: z.literal(true),
  messages: z.array(
    z.looseObject({
      role: z.enum(['user', 'assistant', 'system']),
      content: z.union([z.string(), z.array(block)]),
    }),
  ),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
})

/** The Messages API, as Claude Code speaks it. */
export const anthropic: Protocol = {
  name: 'anthropic',
  asks: (method, path) => method === 'POST' && path === '/v1/messages',
  aside: (method, path) =>
    method === 'POST' && path === '/v1/messages/count_tokens' ? { input_tokens: 1_000 } : undefined,
  read(body) {
    const { model, messages, tools } = request.parse(body)
    return {
      model,
      messages: messages.map(message),
      tools: tools?.map(({ name }) => name) ?? [],
    }
  },
  small: () => undefined,
  stream: (answer, dialogue, serial) => [
    event({ type: 'message_start', message: opening(answer, dialogue, serial) }),
    ...blocks(answer, dialogue, serial).flatMap(({ start, deltas }, index) => [
      event({ type: 'content_block_start', index, content_block: start }),
      ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
      event({ type: 'content_block_stop', index }),
    ]),
    event(closing(answer)),
    event({ type: 'message_stop' }),
  ],
  refuse: ({ status, message, type, details }) => ({
    type: 'error',
    error: { type: type ?? kinds.get(status) ?? 'api_error', message, ...details },
  }),
}

const kinds: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request_error'],
  [401, 'authentication_error'],
  [403, 'permission_error'],
  [429, 'rate_limit_error'],
  [529, 'overloaded_error'],
])

function message({ role, content }: z.infer<typeof request>['messages'][number]): Message {
  const found = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : content
  return {
    role,
    text: found.flatMap((it) => (it.type === 'text' ? [it.text] : [])).join('\n'),
    calls: found.filter(({ type }) => type === 'tool_use').length,
    results: found.flatMap((it) => (it.type === 'tool_result' ? [resultText(it.content)] : [])),
  }
}

function resultText(content: string | readonly { readonly text: string }[] = ''): string {
  return typeof content === 'string' ? content : content.map((part) => part.text).join('\n')
}

function opening({ usage }: Answer, { model }: Dialogue, serial: number): object {
  return {
    id: `msg_${serial}`,
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: {
      input_tokens: usage.input,
      output_tokens: 1,
      cache_read_input_tokens: usage.cacheRead,
      cache_creation_input_tokens: usage.cacheWrite,
    },
  }
}

function blocks({ thinking, text, calls }: Answer, dialogue: Dialogue, serial: number) {
  const found: { start: object; deltas: readonly object[] }[] = []
  if (thinking !== undefined)
    found.push({
      start: { type: 'thinking', thinking: '', signature: '' },
      deltas: [
        ...pieces(thinking).map((piece) => ({ type: 'thinking_delta', thinking: piece })),
        { type: 'signature_delta', signature: 'c2lnbmVk' },
      ],
    })
  if (text !== undefined)
    found.push({
      start: { type: 'text', text: '' },
      deltas: pieces(text).map((piece) => ({ type: 'text_delta', text: piece })),
    })
  for (const [index, call] of calls.entries()) {
    const { name, input } = toolUse(call, dialogue)
    found.push({
      start: { type: 'tool_use', id: `toolu_${serial}_${index}`, name, input: {} },
      deltas: pieces(JSON.stringify(input)).map((piece) => ({
        type: 'input_json_delta',
        partial_json: piece,
      })),
    })
  }
  return found
}

function toolUse(call: ToolCall, dialogue: Dialogue): { name: string; input: object } {
  if ('search' in call) throw new Error('all tools are offered from the beginning')
  if ('tool' in call) return { name: offeredTool(dialogue, call.tool), input: call.input }
  const input = { command: call.command, description: 'A scripted command' }
  return { name: offeredTool(dialogue, 'Bash'), input }
}

function closing({ calls, usage }: Answer) {
  const stop_reason = calls.length > 0 ? 'tool_use' : 'end_turn'
  return {
    type: 'message_delta',
    delta: { stop_reason, stop_sequence: null },
    usage: { output_tokens: usage.output },
  }
}
