import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import {
  type CallToolRequest,
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type Tool as McpTool,
  type Progress,
} from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { toolServer } from '../agents/tools/names.ts'
import type { OfferedTool } from '../agents/tools/tool.ts'
import { type Clock, pause } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { Problem } from '../kernel/problem.ts'

export interface McpParts {
  readonly version: string
  readonly clock: Clock
  readonly log: Log
}

/** One request of a caller who has shown a token. */
export interface McpRequest {
  readonly token: string
  readonly tools: readonly OfferedTool[]
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly body: unknown
}

/** Longer than most tools take, and shorter than the patience of every client. */
const progressMs = 10_000

const cancelled = z.object({
  method: z.literal('notifications/cancelled'),
  params: z.object({ requestId: z.union([z.string(), z.number()]) }),
})
const called = z.object({ id: z.union([z.string(), z.number()]) })

/**
 * The Model Context Protocol, without sessions: each request brings its token and gets a server of
 * its own, so that nothing is lost when this program is started again. What is remembered is only
 * which calls are under way, for their own caller to cancel.
 */
export class McpEndpoint {
  readonly #parts: McpParts
  readonly #stopping: AbortSignal
  readonly #calls = new Map<string, AbortController>()

  constructor(parts: McpParts, stopping: AbortSignal) {
    this.#parts = parts
    this.#stopping = stopping
  }

  /** Resolves when the response is on its way; it may go on for as long as a tool takes. */
  async answer({ token, tools, request, response, body }: McpRequest): Promise<void> {
    const gone = new AbortController()
    const call = called.safeParse(body).data
    const key = `${token} ${call?.id}`
    if (call) this.#calls.set(key, gone)
    const stop = cancelled.safeParse(body).data
    if (stop) this.#calls.get(`${token} ${stop.params.requestId}`)?.abort()
    const server = this.#serverOf(tools, AbortSignal.any([gone.signal, this.#stopping]))
    const transport = new StreamableHTTPServerTransport()
    response.once('close', () => {
      gone.abort()
      if (this.#calls.get(key) === gone) this.#calls.delete(key)
      void server.close()
    })
    // Its types say that a callback may be undefined where those of its own interface do not.
    await server.connect(transport as Parameters<Server['connect']>[0])
    await transport.handleRequest(request, response, body)
  }

  #serverOf(tools: readonly OfferedTool[], signal: AbortSignal): Server {
    const { version } = this.#parts
    const server = new Server({ name: toolServer, version }, { capabilities: { tools: {} } })
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools.map(described) }))
    server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }) => {
      const progressToken = params._meta?.progressToken
      const over = new AbortController()
      if (progressToken !== undefined)
        void this.#tellProgress(AbortSignal.any([signal, over.signal]), (progress) =>
          sendNotification({
            method: 'notifications/progress',
            params: { ...progress, progressToken },
          }),
        )
      try {
        return await this.#call(tools, params, signal)
      } finally {
        over.abort()
      }
    })
    return server
  }

  async #call(
    tools: readonly OfferedTool[],
    { name, arguments: input = {} }: CallToolRequest['params'],
    signal: AbortSignal,
  ): Promise<CallToolResult> {
    const tool = tools.find((each) => each.name === name)
    if (!tool) return failed(`There is no tool "${name}" for you.`)
    const read = tool.input.safeParse(input)
    if (!read.success) return failed(`The arguments do not fit: ${z.prettifyError(read.error)}`)
    try {
      return textual(await tool.call(read.data, signal))
    } catch (error) {
      if (error instanceof Problem) return failed(error.message)
      if (signal.aborted) return failed('The call was cancelled.')
      this.#parts.log.error({ err: error, tool: name }, 'A tool failed.')
      return failed('That went wrong inside huskies; its log has the details.')
    }
  }

  /** A client that counts silence as failure hears that the call goes on. */
  async #tellProgress(
    signal: AbortSignal,
    tell: (progress: Progress) => Promise<void>,
  ): Promise<void> {
    const { clock, log } = this.#parts
    const since = clock.now()
    for (;;) {
      await pause(clock, progressMs, signal)
      if (signal.aborted) return
      const progress = Math.round((clock.now() - since) / 1000)
      await tell({ progress, message: `under way for ${progress} seconds` }).catch((err) =>
        log.debug({ err }, 'The progress of a tool was not told.'),
      )
    }
  }
}

function described({ name, summary, input }: OfferedTool): McpTool {
  const schema = z.toJSONSchema(input, { target: 'draft-7', io: 'input' })
  return {
    name,
    description: summary,
    inputSchema: { ...schema, type: 'object' } as McpTool['inputSchema'],
  }
}

function textual(text: string): CallToolResult {
  return { content: [{ type: 'text', text }] }
}

function failed(sentence: string): CallToolResult {
  return { ...textual(sentence), isError: true }
}
