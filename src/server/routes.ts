import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { OfferedTool } from '../agents/tools/tool.ts'
import type { Person } from '../bot/message.ts'
import type { CallAnswer, PersonCall } from '../bot/person-calls.ts'
import type { Hooks } from '../kernel/hooks.ts'
import { Problem } from '../kernel/problem.ts'
import { bearerOf, refusalOf } from './guard.ts'
import type { McpEndpoint, McpParts } from './mcp.ts'

/** People, as their own programs show themselves. */
interface People {
  /** Who has this token; undefined where it is nobody's. */
  of(token: string): Person | undefined
  /** Runs a command for somebody. Throws `Problem`. */
  call(person: Person, call: PersonCall): Promise<CallAnswer>
}

export interface RouteParts extends McpParts {
  /** The tools of whoever has this token; undefined where it is nobody's. */
  readonly offeredTo: (token: string) => readonly OfferedTool[] | undefined
  /** The people whose programs may call commands; nobody's where it is missing. */
  readonly people?: People
  /** Where networks call the program. */
  readonly hooks: Pick<Hooks, 'find'>
  /** Whether the program does its work. */
  readonly isReady: () => boolean
}

/** What answers, once it is loaded. */
export interface Routes {
  /** Answers what comes over this connection. */
  serve(socket: Socket): void
  /** Resolves when all that is being answered now has its answer. */
  answered(): Promise<unknown>
}

/** A tool's arguments may hold a whole file. */
const largestBody = 8 * 1024 * 1024
/** What networks tell holds none. */
const largestCall = 1024 * 1024

/** Everything that the server answers. Only the two probes are free; all else needs a token, or a network's secret. */
export async function createRoutes(
  parts: RouteParts,
  port: number,
  stopping: AbortSignal,
): Promise<Routes> {
  const app = fastify({ bodyLimit: largestBody })
  guard(app, parts, port)
  tellErrors(app, parts)
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_, reply) =>
    parts.isReady() ? { status: 'ready' } : reply.code(503).send({ status: 'not ready' }),
  )
  app.register(async (hooks) => serveHooks(hooks, parts))
  serveCommands(app, parts)
  let mcp: Promise<McpEndpoint> | undefined
  app.post('/mcp', async (request, reply) => {
    const token = bearerOf(request.headers.authorization)
    const tools = token === undefined ? undefined : parts.offeredTo(token)
    if (token === undefined || !tools) return unauthorized(reply)
    mcp ??= import('./mcp.ts').then(({ McpEndpoint }) => new McpEndpoint(parts, stopping))
    const endpoint = await mcp
    reply.hijack()
    await endpoint.answer({
      token,
      tools,
      request: request.raw,
      response: reply.raw,
      body: request.body,
    })
    return reply
  })
  // Nothing is ever told without a question, and there are no sessions to end.
  app.route({
    method: ['GET', 'DELETE'],
    url: '/mcp',
    handler: async (_, reply) => refuse(reply.header('allow', 'POST'), 405, 'Only POST is served.'),
  })
  await app.ready()
  const open = new Set<ServerResponse>()
  app.server.on('request', (_, response) => {
    open.add(response)
    response.once('close', () => open.delete(response))
  })
  return {
    serve: (socket) => void app.server.emit('connection', socket),
    answered: () => Promise.all([...open].map((response) => once(response, 'close'))),
  }
}

/** `{"item": 3}` posted to `/api/commands/status`: the arguments are those of the tool of the same name. */
function serveCommands(app: FastifyInstance, { people }: RouteParts): void {
  app.post('/api/commands/:command', async (request, reply) => {
    const token = bearerOf(request.headers.authorization)
    const person = token === undefined ? undefined : people?.of(token)
    if (!people || !person) return unauthorized(reply)
    const { command } = request.params as { command: string }
    const { confirm } = request.query as { confirm?: string }
    const confirmed = confirm === 'yes'
    try {
      const answer = await people.call(person, { command, input: request.body ?? {}, confirmed })
      return reply.code(answer.confirm === undefined ? 200 : 409).send(answer)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return reply.code(statusOf(error.code)).send({ error: error.message, code: error.code })
    }
  })
}

function statusOf(code: string): number {
  return { 'no-such-command': 404, 'not-allowed': 403, 'bad-arguments': 400 }[code] ?? 422
}

function guard(app: FastifyInstance, parts: RouteParts, port: number): void {
  app.addHook('onRequest', async (request, reply) => {
    const refusal = refusalOf(request.headers, port, hookOf(request, parts)?.host)
    return refusal && refuse(reply, refusal.status, refusal.sentence)
  })
}

/** Networks sign what they post as it is, JSON or a form: it is kept beside what it means. */
function serveHooks(app: FastifyInstance, parts: RouteParts): void {
  const types = ['application/json', 'application/x-www-form-urlencoded']
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(types, { parseAs: 'string' }, async (_: unknown, text: string) => text)
  app.post('/hooks/:network', { bodyLimit: largestCall }, async (request, reply) => {
    const hook = hookOf(request, parts)
    if (!hook) return reply.callNotFound()
    const text = String(request.body ?? '')
    const isJson = request.headers['content-type']?.startsWith('application/json')
    const body = isJson ? readJson(text) : undefined
    if (isJson && body === undefined) return refuse(reply, 400, 'That is no JSON.')
    const answer = await hook.answer({ headers: request.headers, body, text })
    return typeof answer === 'number'
      ? reply.code(answer).send()
      : reply.code(answer.status).send(answer.body)
  })
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What answers a network's calls at the address of the request, where it is one for such calls. */
function hookOf({ routeOptions, params }: FastifyRequest, { hooks }: RouteParts) {
  if (routeOptions.url !== '/hooks/:network') return undefined
  return hooks.find((params as { readonly network: string }).network)
}

function tellErrors(app: FastifyInstance, { log }: RouteParts): void {
  app.setNotFoundHandler((_, reply) => refuse(reply, 404, 'There is nothing here.'))
  app.setErrorHandler((error: Error & { statusCode?: number }, request: FastifyRequest, reply) => {
    const { statusCode = 500, message } = error
    if (statusCode < 500) return refuse(reply, statusCode, message)
    log.error({ err: error, url: request.routeOptions.url }, 'A request could not be answered.')
    return refuse(reply, 500, 'That went wrong inside huskies; the log has the details.')
  })
}

function unauthorized(reply: FastifyReply): FastifyReply {
  return refuse(
    reply.header('www-authenticate', 'Bearer'),
    401,
    'This needs a token that is valid.',
  )
}

function refuse(reply: FastifyReply, status: number, sentence: string): FastifyReply {
  return reply.code(status).send({ error: sentence })
}
