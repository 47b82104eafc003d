import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { type Clock, pause } from '../kernel/clock.ts'
import { listen, type PortOptions } from './port.ts'
import type { RouteParts, Routes } from './routes.ts'

export interface HttpServerParts extends RouteParts {
  readonly port: PortOptions
  readonly clock: Clock
}

/** How long callers have to take their answers when the program ends. */
const farewellMs = 1_000

/**
 * The program's one HTTP server, on 127.0.0.1 alone. It listens at once, so that no agent of an
 * earlier start finds nobody there; all that speaks HTTP is loaded with the first connection, so that
 * the start of the program does not wait for it.
 */
export class HttpServer {
  readonly port: number
  readonly #parts: HttpServerParts
  readonly #server: Server
  readonly #stopping = new AbortController()
  readonly #sockets = new Set<Socket>()
  #routes: Promise<Routes> | undefined

  /** Throws `Problem` `port-taken`. */
  static async open(parts: HttpServerParts): Promise<HttpServer> {
    const server = createServer({ pauseOnConnect: true })
    return new HttpServer(parts, server, await listen(server, parts.port))
  }

  private constructor(parts: HttpServerParts, server: Server, port: number) {
    this.#parts = parts
    this.#server = server
    this.port = port
    server.on('connection', (socket) => void this.#connect(socket))
    server.on('error', (err) => parts.log.error({ err }, 'A connection could not be taken.'))
  }

  /** Where runs call their tools. */
  get toolsUrl(): string {
    return `http://127.0.0.1:${this.port}/mcp`
  }

  /**
   * Calls off what is under way, lets each caller have an answer (one that only loses its connection
   * may wait for ever), and resolves when the port is free.
   */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#stopping.abort()
    const answered = this.#routes?.then(
      (routes) => routes.answered(),
      () => undefined,
    )
    const farewell = new AbortController()
    await Promise.race([answered, pause(this.#parts.clock, farewellMs, farewell.signal)])
    farewell.abort()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async #connect(socket: Socket): Promise<void> {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    this.#routes ??= this.#load()
    try {
      const { serve } = await this.#routes
      serve(socket)
      socket.resume()
    } catch (err) {
      this.#parts.log.error({ err }, 'The HTTP server cannot answer.')
      socket.destroy()
    }
  }

  async #load(): Promise<Routes> {
    const { createRoutes } = await import('./routes.ts')
    return createRoutes(this.#parts, this.port, this.#stopping.signal)
  }
}
