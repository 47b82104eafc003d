import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { type Clock, pause } from '../kernel/clock.ts'
import { listen, type PortOptions } from './port.ts'
import type { RouteParts } from './routes.ts'

export interface HttpServerParts extends RouteParts {
  readonly port: PortOptions
}

/** How long callers have to take their answers when the program ends. */
const farewellMs = 1_000

/**
 * The program's one HTTP server, on 127.0.0.1 alone. It listens at once, so that no agent of an
 * earlier start finds nobody there; what answers is loaded with the first request, so that the start
 * does not wait for it.
 */
export class HttpServer {
  readonly port: number
  readonly #server: Server
  readonly #stopping: AbortController
  readonly #clock: Clock
  /** What is being answered. */
  readonly #open = new Set<ServerResponse>()

  /** Throws `Problem` `port-taken`. */
  static async open(parts: HttpServerParts): Promise<HttpServer> {
    const stopping = new AbortController()
    const server = createServer()
    const port = await listen(server, parts.port)
    server.on('request', loadedLater(parts, port, stopping.signal))
    return new HttpServer(server, port, stopping, parts.clock)
  }

  private constructor(server: Server, port: number, stopping: AbortController, clock: Clock) {
    this.#server = server
    this.port = port
    this.#stopping = stopping
    this.#clock = clock
    server.on('request', (_, response) => {
      this.#open.add(response)
      response.once('close', () => this.#open.delete(response))
    })
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
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#stopping.abort()
    const answered = Promise.all([...this.#open].map((response) => once(response, 'close')))
    await Promise.race([answered, pause(this.#clock, farewellMs)])
    this.#server.closeAllConnections()
    await closed
  }
}

function loadedLater(parts: HttpServerParts, port: number, signal: AbortSignal): RequestListener {
  let loading: Promise<RequestListener> | undefined
  return (request, response) => {
    loading ??= import('./routes.ts').then(({ createRoutes }) => createRoutes(parts, port, signal))
    loading.then(
      (answer) => answer(request, response),
      (err) => {
        parts.log.error({ err }, 'The HTTP server cannot answer.')
        response.writeHead(500).end()
      },
    )
  }
}
