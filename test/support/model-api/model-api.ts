import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { anthropic } from './anthropic.ts'
import { chatCompletions } from './chat-completions.ts'
import type { Dialogue } from './dialogue.ts'
import { gemini } from './gemini.ts'
import { openaiResponses } from './openai-responses.ts'
import type { Protocol } from './protocol.ts'
import type { Answer, Refusal } from './reply.ts'
import type { Script } from './script.ts'

const protocols: readonly Protocol[] = [anthropic, openaiResponses, gemini, chatCompletions]

/** One question that a program asked its model. */
export interface Asked extends Dialogue {
  readonly protocol: string
  /** How the program proved who pays, such as `Bearer KEY`. */
  readonly login: string
}

/**
 * The models' services, on loopback: they answer what the script says, and remember what they were
 * asked. What the script or the protocol does not know is answered with an error that no program
 * repeats, and makes `close` throw.
 */
export class ModelApi {
  readonly url: string
  readonly asked: Asked[] = []
  readonly #script: Script
  readonly #server: Server
  readonly #surprises: string[] = []
  readonly #closing = new AbortController()

  static async start(script: Script): Promise<ModelApi> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new ModelApi(script, server)
  }

  private constructor(script: Script, server: Server) {
    this.#script = script
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch((error: unknown) => {
        // A program that was killed while it asked is no surprise.
        if (!request.complete) return
        this.#surprises.push(`${request.method} ${request.url}: ${error}`)
        if (!response.headersSent) response.writeHead(400, { 'content-type': 'application/json' })
        response.end(JSON.stringify({ error: { message: String(error) } }))
      })
    })
  }

  /** Ends all connections; throws if anything came that was not in the script. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    if (this.#surprises.length > 0)
      throw new Error(`The model was asked what it does not know.\n${this.#surprises.join('\n')}`)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? ''
    const path = new URL(request.url ?? '/', this.url).pathname
    const text = await bodyOf(request)
    const protocol = protocols.find((it) => it.asks(method, path))
    if (!protocol) return this.#serveAside(method, path, response)
    const dialogue = protocol.read(JSON.parse(text), path)
    const small = protocol.small(dialogue)
    if (small !== undefined) {
      const answer = { ...plainAnswer, text: small }
      return this.#answer(protocol.stream(answer, dialogue, 0), answer, response)
    }
    this.asked.push({ ...dialogue, protocol: protocol.name, login: loginOf(request) })
    const next = this.#script.next(dialogue)
    const serial = this.asked.length
    if (next.kind === 'answer')
      return this.#answer(protocol.stream(next, dialogue, serial), next, response)
    if (next.kind === 'refusal') return refuse(next, protocol.refuse(next), response)
    if (next.kind === 'break') breakOff(protocol.stream(cutAnswer, dialogue, serial), response)
  }

  #serveAside(method: string, path: string, response: ServerResponse): void {
    const found = protocols.map((it) => it.aside(method, path)).find((it) => it !== undefined)
    if (!found) throw new Error('no protocol knows this address')
    sendJson(response, 200, {}, found)
  }

  async #answer(
    stream: readonly string[],
    { after, headers, bytewise }: Answer,
    response: ServerResponse,
  ): Promise<void> {
    if (after) await Promise.race([after, aborted(this.#closing.signal)])
    response.writeHead(200, { ...streamed, ...headers })
    if (bytewise) await sendByteByByte(response, stream.join(''))
    else response.write(stream.join(''))
    response.end()
  }
}

const streamed = { 'content-type': 'text/event-stream', 'request-id': 'req_scripted' }
const plainAnswer: Answer = {
  kind: 'answer',
  calls: [],
  usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0 },
  headers: {},
  bytewise: false,
}
const cutAnswer = { ...plainAnswer, text: 'This is where the line was cut.' }

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

function loginOf({ headers }: IncomingMessage): string {
  return String(headers.authorization ?? headers['x-api-key'] ?? headers['x-goog-api-key'] ?? '')
}

function sendJson(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: object,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

function refuse({ status, headers }: Refusal, body: object, response: ServerResponse): void {
  sendJson(response, status, { 'request-id': 'req_scripted', ...headers }, body)
}

function breakOff(stream: readonly string[], response: ServerResponse): void {
  response.writeHead(200, streamed)
  const half = stream.slice(0, Math.ceil(stream.length / 2)).join('')
  response.write(half, () => response.destroy())
}

async function sendByteByByte(response: ServerResponse, text: string): Promise<void> {
  response.socket?.setNoDelay(true)
  for (const byte of Buffer.from(text))
    await new Promise((resolve) => response.write(Uint8Array.of(byte), resolve))
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
}
