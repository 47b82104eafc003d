import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong with the next request that fits. */
export interface Fault {
  readonly kind: 'refuse' | 'lose-answer' | 'stall'
  /** A part of the request's path. */
  readonly path: string
  readonly status?: number
  readonly body?: object
}

/** Stands between a client and its server, and spoils what it is told to. */
export class FaultyProxy implements AsyncDisposable {
  readonly faults: Fault[] = []
  /** Each time the server asked to wait: for which path, and how long after that it was asked again. */
  readonly waits: { readonly path: string; readonly wantedMs: number; afterMs?: number }[] = []
  readonly #askedToWait = new Map<string, number>()
  readonly #target: URL
  readonly #server = createServer((incoming, outgoing) => this.#serve(incoming, outgoing))
  #port = 0
  #last: Buffer | undefined
  #repeats = false

  private constructor(target: string) {
    this.#target = new URL(target)
  }

  static async start(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target)
    await proxy.mend()
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** From now on nobody is reached. */
  async break(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async mend(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** The next sync gets the newest answer that had messages once more. */
  repeat(): void {
    this.#repeats = true
    this.#server.closeAllConnections()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.break()
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? '/'
    const isSync = path.startsWith('/_matrix/client/v3/sync')
    const index = this.faults.findIndex((fault) => path.includes(fault.path))
    const fault = this.faults[index]
    this.#noteReturn(path)
    if (fault && fault.kind !== 'stall') this.faults.splice(index, 1)
    if (fault?.kind === 'stall') return
    if (fault?.kind === 'refuse') {
      outgoing.writeHead(fault.status ?? 502, { 'content-type': 'application/json' })
      outgoing.end(JSON.stringify(fault.body ?? {}))
      return
    }
    if (isSync && this.#repeats && this.#last) {
      this.#repeats = false
      outgoing.writeHead(200, { 'content-type': 'application/json' }).end(this.#last)
      return
    }
    const { status, headers, body } = await this.#forward(incoming).catch(() => gone)
    if (fault || status === 0) {
      outgoing.destroy()
      return
    }
    if (isSync && body.includes('"m.room.message"')) this.#last = body
    if (status === 429) this.#noteWait(path, body)
    outgoing.writeHead(status, headers).end(body)
  }

  #noteWait(path: string, answer: Buffer): void {
    this.#askedToWait.set(path, performance.now())
    this.waits.push({ path, wantedMs: Number(JSON.parse(answer.toString()).retry_after_ms) })
  }

  #noteReturn(path: string): void {
    const since = this.#askedToWait.get(path)
    const wait = this.waits.findLast((each) => each.path === path)
    if (since !== undefined && wait) wait.afterMs = performance.now() - since
    this.#askedToWait.delete(path)
  }

  async #forward(incoming: IncomingMessage) {
    const { hostname, port } = this.#target
    const { method, headers, url: path } = incoming
    const onward = request({ hostname, port, method, path, headers })
    incoming.pipe(onward)
    const [answer] = (await once(onward, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of answer) chunks.push(chunk)
    const { 'transfer-encoding': _, ...kept } = answer.headers
    return { status: answer.statusCode ?? 500, headers: kept, body: Buffer.concat(chunks) }
  }
}

const gone = { status: 0, headers: {}, body: Buffer.alloc(0) }
