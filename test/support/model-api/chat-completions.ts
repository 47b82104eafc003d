import { z } from 'zod'
import { type Dialogue, type Message, offeredTool } from './dialogue.ts'
import { event, type Protocol, pieces } from './protocol.ts'
import type { Answer, ToolCall } from './reply.ts'

const content = z.union([
  z.string(),
  z.array(z.looseObject({ type: z.literal('text'), text: z.string() })),
  z.null(),
])
const request = z.looseObject({
  model: z.string(),
  stream: z.literal(true),
  messages: z.array(
    z.looseObject({
      role: z.enum(['system', 'user', 'assistant', 'tool']),
      content: content.optional(),
      tool_calls: z.array(z.unknown()).optional(),
    }),
  ),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({ name: z.string() }),
      }),
    )
    .optional(),
})
type Content = z.infer<typeof content>

/** Chat completions, the dialect of many services, as opencode speaks it. */
export const chatCompletions: Protocol = {
  name: 'chat-completions',
  asks: (method, path) => method === 'POST' && path === '/v1/chat/completions',
  aside: () => undefined,
  read(body) {
    const { model, messages, tools } = request.parse(body)
    return {
      model,
      messages: messages.map(message),
      tools: tools?.map((tool) => tool.function.name) ?? [],
    }
  },
  // Whoever does work offers tools; the other question is for a title.
  small: ({ tools }) => (tools.length === 0 ? 'A scripted session' : undefined),
  stream(answer, dialogue, serial) {
    const chunk = (delta: object, finish: string | null = null) =>
      event({
        id: `chatcmpl-${serial}`,
        object: 'chat.completion.chunk',
        created: 0,
        model: dialogue.model,
        choices: [{ index: 0, delta, finish_reason: finish }],
      })
    return [
      chunk({ role: 'assistant', content: '' }),
      ...pieces(answer.thinking ?? '').map((reasoning_content) => chunk({ reasoning_content })),
      ...pieces(answer.text ?? '').map((content) => chunk({ content })),
      ...answer.calls.map((call, index) =>
        chunk({ tool_calls: [{ index, ...toolCall(call, dialogue, `${serial}_${index}`) }] }),
      ),
      chunk({}, answer.calls.length > 0 ? 'tool_calls' : 'stop'),
      event({ id: `chatcmpl-${serial}`, choices: [], usage: usage(answer) }),
      'data: [DONE]\n\n',
    ]
  },
  refuse: ({ message, type, details }) => ({
    error: { message, type: type ?? 'error', code: null, ...details },
  }),
}

function message({
  role,
  content,
  tool_calls,
}: z.infer<typeof request>['messages'][number]): Message {
  const said = text(content ?? null)
  return {
    role: role === 'tool' ? 'user' : role,
    text: role === 'tool' ? '' : said,
    calls: tool_calls?.length ?? 0,
    results: role === 'tool' ? [said] : [],
  }
}

function text(content: Content): string {
  if (content === null) return ''
  return typeof content === 'string' ? content : content.map((part) => part.text).join('\n')
}

function toolCall(call: ToolCall, dialogue: Dialogue, id: string): object {
  if ('search' in call) throw new Error('all tools are offered from the beginning')
  const [name, input] =
    'tool' in call
      ? [call.tool, call.input]
      : ['bash', { command: call.command, description: 'A scripted command' }]
  return {
    id: `call_${id}`,
    type: 'function',
    function: { name: offeredTool(dialogue, name), arguments: JSON.stringify(input) },
  }
}

function usage({ usage }: Answer): object {
  const prompt = usage.input + usage.cacheRead
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
  }
}
