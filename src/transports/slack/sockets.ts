import { SocketModeClient } from '@slack/socket-mode'
import { type Clock, pause } from '../../kernel/clock.ts'
import { ConnectionFailure } from '../transport.ts'
import { clientOptions, silence } from './api.ts'
import type { Envelope } from './events.ts'
import { connectionFailure } from './failures.ts'

/** What listening works with. */
export interface ListeningParts {
  readonly appToken: string
  readonly apiRoot: string
  readonly clock: Clock
  /** Ends it. */
  readonly signal: AbortSignal
  /** Told each time when a socket is open. */
  readonly opened: () => void
  /** Told now and then while one is open. */
  readonly alive: () => void
  readonly take: (envelope: Envelope) => void
}

/**
 * Slack closes each connection now and then, to have another one opened in its place. With two of them
 * there is always one through which events come.
 */
export const wanted = 2
/** So long Slack may take to say hello, and to agree to an end. */
const helloMs = 20_000
const farewellMs = 2000
const retryMs = 10_000
const heartbeatMs = 30_000
/** Slack closes each of them sooner. */
const longestLifeMs = 86_400_000
/** Connections that broke are counted by Slack for a while. */
const lingerMs = 60_000

/**
 * Listens through two sockets until the signal is aborted. Throws `ConnectionFailure` when none is left,
 * or another program listens in the bot's place.
 */
export async function listen(parts: ListeningParts): Promise<void> {
  const ending = new AbortController()
  const signal = AbortSignal.any([parts.signal, ending.signal])
  const sockets = new Sockets({ ...parts, signal })
  const endingAll = async (work: Promise<void>) => {
    try {
      await work
    } finally {
      ending.abort()
    }
  }
  const all = Array.from({ length: wanted }, (_, index) => endingAll(sockets.keep(index)))
  const results = await Promise.allSettled([...all, endingAll(sockets.beat())])
  const failed = results.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected' && !parts.signal.aborted) throw failed.reason
}

/**
 * How many connections the app has beside this one, which is closed again at once: what comes through
 * it is not acknowledged, and comes again through another one.
 */
export async function countOthers(
  parts: Pick<ListeningParts, 'appToken' | 'apiRoot' | 'clock' | 'signal'>,
): Promise<number> {
  const socket = new Socket({ ...parts, take: () => {}, alive: () => {} })
  try {
    return (await socket.open()) - 1
  } finally {
    await socket.end()
  }
}

class Sockets {
  readonly #parts: ListeningParts
  readonly #first = Promise.withResolvers<void>()
  #open = 0
  /** Whether Slack counted too many connections the last time. */
  #crowded = false

  constructor(parts: ListeningParts) {
    this.#parts = parts
    parts.signal.addEventListener('abort', () => this.#first.resolve())
  }

  /** Keeps one socket open. The second one waits until the first has shown that there is a way. */
  async keep(index: number): Promise<void> {
    const { signal, clock } = this.#parts
    if (index > 0) await this.#first.promise
    while (!signal.aborted) {
      try {
        await this.#useOne()
      } catch (error) {
        const failure = connectionFailure(error, clock.now(), 'app')
        if (failure.kind !== 'lost' || this.#open === 0) throw failure
        await pause(clock, (failure.until ?? clock.now() + retryMs) - clock.now(), signal)
      }
    }
  }

  /** The SDK pings each socket, and closes one that does not answer: what is open is alive. */
  async beat(): Promise<void> {
    const { signal, clock, alive } = this.#parts
    while (!signal.aborted) {
      if (this.#open > 0) alive()
      await pause(clock, heartbeatMs, signal)
    }
  }

  async #useOne(): Promise<void> {
    const { opened, alive, clock, signal } = this.#parts
    const socket = new Socket(this.#parts)
    try {
      const counted = await socket.open()
      this.#open += 1
      this.#first.resolve()
      alive()
      opened()
      const longestMs = this.#countedIn(counted) ? lingerMs : longestLifeMs
      const over = new AbortController()
      socket.closed.then(() => over.abort())
      await pause(clock, longestMs, AbortSignal.any([over.signal, signal]))
      this.#open -= 1
    } finally {
      await socket.end()
    }
    if (socket.reason === 'link_disabled')
      throw new ConnectionFailure(
        'refused',
        'Socket Mode is switched off: switch it on at Socket Mode of the app, and start again.',
      )
    if (this.#open === 0 && !signal.aborted)
      throw new ConnectionFailure('lost', 'Slack has closed the connection.')
  }

  /** Returns whether to count anew in a while. Throws where there are too many for the second time. */
  #countedIn(connections: number): boolean {
    const crowded = connections > wanted
    if (crowded && this.#crowded)
      throw new ConnectionFailure(
        'conflict',
        'Another program listens for this app, and gets a part of what is said: end that program, or give this one an app of its own.',
      )
    this.#crowded = crowded
    return crowded
  }
}

/** One connection. The SDK's own way to connect again is not used: it waits, and fails where nobody sees. */
class Socket {
  /** Resolves when it is closed. */
  readonly closed: Promise<void>
  readonly #signal: AbortSignal
  /** Why Slack has closed it. */
  reason: string | undefined
  readonly #client: SocketModeClient
  readonly #ending = new AbortController()
  readonly #clock: Clock
  #connections = 1

  constructor(parts: Omit<ListeningParts, 'opened'>) {
    const { appToken, apiRoot, clock, signal, take, alive } = parts
    this.#clock = clock
    this.#signal = AbortSignal.any([signal, this.#ending.signal])
    this.#client = new SocketModeClient({
      appToken,
      logger: silence,
      autoReconnectEnabled: false,
      clientOptions: clientOptions(apiRoot, this.#signal),
    })
    this.closed = new Promise((resolve) => this.#client.on('disconnected', () => resolve()))
    this.#client.on('slack_event', take)
    this.#client.on('ws_message', (data: unknown) => {
      alive()
      this.#look(String(data))
    })
  }

  /** Resolves with the number of connections that Slack counts. */
  async open(): Promise<number> {
    const { promise: late, reject } = Promise.withResolvers<never>()
    const failure = new ConnectionFailure('lost', 'Slack opens no connection.')
    const timer = this.#clock.after(helloMs, () => reject(failure))
    const aborted = () => reject(failure)
    this.#signal.addEventListener('abort', aborted)
    const started = this.#client.start()
    started.catch(() => {})
    try {
      await Promise.race([started, late])
    } catch (error) {
      // It rejects with nothing where the connection closes before Slack has said hello.
      throw error ?? failure
    } finally {
      timer.cancel()
      this.#signal.removeEventListener('abort', aborted)
    }
    return this.#connections
  }

  /** Closes it; one that does not close in time is cut. */
  async end(): Promise<void> {
    this.#ending.abort()
    void this.#client.disconnect()
    const inTime = new AbortController()
    const timedOut = pause(this.#clock, farewellMs, inTime.signal)
    await Promise.race([this.closed, timedOut])
    inTime.abort()
    void this.#client.disconnect()
  }

  #look(frame: string): void {
    if (!/"type":\s*"(hello|disconnect)"/.test(frame)) return
    const { type, num_connections: connections, reason } = JSON.parse(frame)
    if (type === 'hello') this.#connections = Number(connections ?? 1)
    if (type === 'disconnect') this.reason = String(reason)
  }
}
