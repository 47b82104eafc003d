import { z } from 'zod'
import { type Dialogue, type Message, offeredTool } from './dialogue.ts'
import { event, type Protocol, pieces } from './protocol.ts'
import type { Answer, ToolCall } from './reply.ts'

const named = z.looseObject({ type: z.enum(['function', 'custom']), name: z.string() })
const tool = z.discriminatedUnion('type', [
  named,
  z.looseObject({ type: z.literal('namespace'), name: z.string(), tools: z.array(named) }),
  z.looseObject({ type: z.enum(['tool_search', 'web_search', 'local_shell', 'image_generation']) }),
])
const item = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('message'),
    role: z.enum(['developer', 'user', 'assistant']),
    content: z.array(
      z.looseObject({ type: z.enum(['input_text', 'output_text']), text: z.string() }),
    ),
  }),
  z.looseObject({ type: z.literal('reasoning') }),
  z.looseObject({ type: z.enum(['function_call', 'custom_tool_call', 'tool_search_call']) }),
  z.looseObject({
    type: z.enum(['function_call_output', 'custom_tool_call_output']),
    output: z.union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))]),
  }),
  z.looseObject({ type: z.literal('tool_search_output'), tools: z.array(tool) }),
])
const request = z.looseObject({
  model: z.string(),
  stream: z.literal(true),
  input: z.array(item),
  tools: z.array(tool),
})
type Item = z.infer<typeof item>
type Tool = z.infer<typeof tool>

/** Between the name of a group of tools and that of a tool in it. */
const inside = '/'

/** The Responses API, as Codex speaks it. */
export const openaiResponses: Protocol = {
  name: 'openai-responses',
  asks: (method, path) => method === 'POST' && path === '/v1/responses',
  aside: () => undefined,
  read(body) {
    const { model, input, tools } = request.parse(body)
    const found = input.flatMap((it) => (it.type === 'tool_search_output' ? it.tools : []))
    return {
      model,
      messages: answersJoined(input.map(message)),
      tools: [...tools, ...found].flatMap(toolNames),
    }
  },
  small: () => undefined,
  stream(answer, dialogue, serial) {
    const items = outputItems(answer, dialogue, serial)
    const id = `resp_${serial}`
    return [
      event({ type: 'response.created', response: { id } }),
      ...items.flatMap((item, output_index) => [
        event({ type: 'response.output_item.added', output_index, item: opened(item) }),
        ...deltas(item, output_index),
        event({ type: 'response.output_item.done', output_index, item }),
      ]),
      event({
        type: 'response.completed',
        response: { id, status: 'completed', output: items, usage: usage(answer) },
      }),
    ]
  },
  refuse: ({ message, type, details }) => ({
    error: { message, type: type ?? 'error', code: null, param: null, ...details },
  }),
}

/** What the model said in one answer comes back in several items. */
function answersJoined(messages: readonly Message[]): readonly Message[] {
  const joined: Message[] = []
  for (const message of messages) {
    const last = joined.at(-1)
    if (last?.role !== 'assistant' || message.role !== 'assistant') joined.push(message)
    else
      joined[joined.length - 1] = {
        ...last,
        text: last.text + message.text,
        calls: last.calls + message.calls,
      }
  }
  return joined
}

function message(item: Item): Message {
  const plain: Message = { role: 'assistant', text: '', calls: 0, results: [] }
  switch (item.type) {
    case 'message':
      return {
        ...plain,
        role: item.role === 'developer' ? 'system' : item.role,
        text: item.content.map(({ text }) => text).join('\n'),
      }
    case 'function_call':
    case 'custom_tool_call':
    case 'tool_search_call':
      return { ...plain, calls: 1 }
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { ...plain, role: 'user', results: [result(item)] }
    case 'tool_search_output':
      return { ...plain, role: 'user', results: [item.tools.flatMap(toolNames).join()] }
    case 'reasoning':
      return plain
  }
}

function result({ output }: Extract<Item, { output: unknown }>): string {
  return typeof output === 'string' ? output : output.map(({ text }) => text ?? '').join('\n')
}

function toolNames(tool: Tool): readonly string[] {
  if (tool.type === 'namespace') return tool.tools.map(({ name }) => `${tool.name}${inside}${name}`)
  return 'name' in tool && typeof tool.name === 'string' ? [tool.name] : []
}

type Output =
  | { type: 'message'; content: { type: 'output_text'; text: string }[] }
  | { type: 'reasoning' }
  | { type: 'function_call' | 'custom_tool_call' | 'tool_search_call' }

function outputItems({ thinking, text, calls }: Answer, dialogue: Dialogue, serial: number) {
  const items: (Output & Record<string, unknown>)[] = []
  if (thinking !== undefined)
    items.push({
      type: 'reasoning',
      id: `rs_${serial}`,
      summary: [{ type: 'summary_text', text: thinking }],
      encrypted_content: 'c2VhbGVk',
    })
  if (text !== undefined)
    items.push({
      type: 'message',
      id: `msg_${serial}`,
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text }],
    })
  for (const [index, call] of calls.entries())
    items.push({
      id: `fc_${serial}_${index}`,
      call_id: `call_${serial}_${index}`,
      status: 'completed',
      ...functionCall(call, dialogue),
    })
  return items
}

function functionCall(call: ToolCall, dialogue: Dialogue): Output & Record<string, unknown> {
  const type = 'function_call'
  if ('command' in call) {
    // So long at most it waits for the command before it lets the model go on.
    const input = { cmd: call.command, yield_time_ms: 30_000 }
    return { type, name: offeredTool(dialogue, 'exec_command'), arguments: JSON.stringify(input) }
  }
  if ('search' in call)
    return { type: 'tool_search_call', execution: 'client', arguments: { query: call.search } }
  // The one tool that takes plain text.
  if (call.tool === 'apply_patch')
    return { type: 'custom_tool_call', name: call.tool, input: call.input.patch }
  const [name, namespace] = offeredTool(dialogue, call.tool).split(inside).toReversed()
  return { type, name, ...(namespace && { namespace }), arguments: JSON.stringify(call.input) }
}

function opened(item: Output & Record<string, unknown>): object {
  return item.type === 'message' ? { ...item, status: 'in_progress', content: [] } : item
}

function deltas(item: Output, output_index: number): readonly string[] {
  if (item.type !== 'message') return []
  const text = item.content.map((part) => part.text).join('')
  return pieces(text).map((delta) =>
    event({ type: 'response.output_text.delta', output_index, content_index: 0, delta }),
  )
}

function usage({ usage, thinking }: Answer): object {
  const input = usage.input + usage.cacheRead
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: thinking === undefined ? 0 : 5 },
    total_tokens: input + usage.output,
  }
}
