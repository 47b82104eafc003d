import { z } from 'zod'
import { type Dialogue, type Message, offeredTool } from './dialogue.ts'
import { event, type Protocol, pieces } from './protocol.ts'
import type { Answer, ToolCall } from './reply.ts'

const part = z.looseObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  functionCall: z.looseObject({ name: z.string() }).optional(),
  functionResponse: z.looseObject({ response: z.unknown() }).optional(),
})
const request = z.looseObject({
  contents: z.array(z.looseObject({ role: z.enum(['user', 'model']), parts: z.array(part) })),
  tools: z
    .array(
      z.looseObject({
        functionDeclarations: z.array(z.looseObject({ name: z.string() })).optional(),
      }),
    )
    .optional(),
})
const address = /^\/v1beta\/models\/([^/:]+):streamGenerateContent$/

/** The Gemini API, as Gemini CLI speaks it. */
export const gemini: Protocol = {
  name: 'gemini',
  asks: (method, path) => method === 'POST' && address.test(path),
  aside: () => undefined,
  read(body, path) {
    const { contents, tools } = request.parse(body)
    const declared = tools?.flatMap(({ functionDeclarations }) => functionDeclarations ?? []) ?? []
    return {
      model: address.exec(path)?.[1] ?? '',
      messages: contents.map(message),
      tools: declared.map(({ name }) => name),
    }
  },
  small: () => undefined,
  stream: (answer, dialogue, serial) =>
    chunks(answer, dialogue, serial).map((parts, index, all) =>
      event({
        candidates: [
          {
            content: { role: 'model', parts },
            index: 0,
            ...(index === all.length - 1 && { finishReason: 'STOP' }),
          },
        ],
        usageMetadata: usage(answer),
        modelVersion: dialogue.model,
        responseId: `response-${serial}`,
      }),
    ),
  refuse: ({ status, message, type, details }) => ({
    error: { code: status, message, status: type ?? 'UNKNOWN', ...details },
  }),
}

function message({ role, parts }: z.infer<typeof request>['contents'][number]): Message {
  const said = parts.filter(({ thought }) => !thought).flatMap(({ text }) => text ?? [])
  return {
    role: role === 'model' ? 'assistant' : 'user',
    text: said.join(role === 'model' ? '' : '\n'),
    calls: parts.filter(({ functionCall }) => functionCall).length,
    results: parts.flatMap(({ functionResponse }) =>
      functionResponse ? [JSON.stringify(functionResponse.response)] : [],
    ),
  }
}

function chunks({ thinking, text, calls }: Answer, dialogue: Dialogue, serial: number) {
  const found: object[][] = []
  if (thinking !== undefined) found.push([{ text: `**Thought** ${thinking}`, thought: true }])
  if (text !== undefined) for (const piece of pieces(text)) found.push([{ text: piece }])
  for (const [index, call] of calls.entries())
    found.push([{ functionCall: { id: `g${serial}_${index}`, ...functionCall(call, dialogue) } }])
  return found
}

function functionCall(call: ToolCall, dialogue: Dialogue): object {
  if ('search' in call) throw new Error('all tools are offered from the beginning')
  if ('tool' in call) return { name: offeredTool(dialogue, call.tool), args: call.input }
  const args = { command: call.command, description: 'A scripted command' }
  return { name: offeredTool(dialogue, 'run_shell_command'), args }
}

function usage({ usage }: Answer): object {
  const prompt = usage.input + usage.cacheRead
  return {
    promptTokenCount: prompt,
    cachedContentTokenCount: usage.cacheRead,
    candidatesTokenCount: usage.output,
    totalTokenCount: prompt + usage.output,
  }
}
