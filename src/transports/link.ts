import type { Courier, Receipt } from '../bot/courier.ts'
import type { IncomingFile, OutgoingMessage, Part, Place } from '../bot/message.ts'
import { type Clock, pause } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { Problem } from '../kernel/problem.ts'
import { Pace } from './pace.ts'
import {
  type AnyTransport,
  type Capabilities,
  ConnectionFailure,
  type Listener,
  type TransportState,
} from './transport.ts'

/** What a link works with. */
export interface LinkParts {
  readonly clock: Clock
  /** For the jitter of retries, between 0 and 1. */
  readonly random: () => number
  readonly log: Log
  /** Told of each state that it enters. */
  readonly changed: (state: TransportState) => void
  /** Told of signs of life, now and then. */
  readonly heard: () => void
}

const firstRetryMs = 1000
const longestRetryMs = 300_000
/** A conflict ends when a person ends the other program: asking often would only take its messages. */
const conflictRetryMs = 60_000
/** A connection that held so long was a good one: the next retry is a first one again. */
const goodMs = 60_000
/** So long a connection that was told to end may take; then it is left to itself. */
const endingMs = 10_000
/** So long a message that is being sent may take when the program ends. */
const lastSendMs = 5000

/**
 * One network's connection, kept up: it connects, sees when the connection is silent or lost, and
 * connects again. Towards the bot it is the network's courier, which waits while there is no
 * connection and holds the network's rates.
 */
export class Link implements Courier {
  readonly name: string
  readonly capabilities: Capabilities
  readonly #transport: AnyTransport
  readonly #parts: LinkParts
  readonly #pace: Pace
  readonly #waiting = new Set<() => void>()
  #state: TransportState = { kind: 'starting' }

  constructor(transport: AnyTransport, parts: LinkParts) {
    this.name = transport.name
    this.capabilities = transport.capabilities
    this.#transport = transport
    this.#parts = parts
    this.#pace = new Pace(transport.capabilities, parts.clock)
  }

  get state(): TransportState {
    return this.#state
  }

  /** Keeps the connection up until `signal` is aborted, or there is no use in it. */
  async run(listener: Listener, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    let failures = 0
    while (!signal.aborted) {
      const began = clock.now()
      const failure = await this.#connect(listener, signal)
      if (!failure || signal.aborted) break
      if (clock.now() - began > goodMs) failures = 0
      if (failure.kind === 'refused') {
        this.#enter({ kind: 'refused', reason: failure.message })
        return
      }
      const retryAt = failure.until ?? clock.now() + this.#delay(failure.kind, failures++)
      this.#enter({ kind: failure.kind, retryAt, reason: failure.message })
      await pause(clock, retryAt - clock.now(), signal)
    }
    this.#enter({ kind: 'stopped' })
  }

  parts(message: OutgoingMessage): readonly Part[] {
    return this.#transport.parts(message)
  }

  turn(place: Place, signal: AbortSignal): Promise<void> | undefined {
    if (!canSend(this.#state)) return this.#connected(signal)
    const wait = this.#pace.take(place.room)
    return wait === 0 ? undefined : pause(this.#parts.clock, wait, signal)
  }

  send(part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#paced(part, signal, (late) => this.#transport.send(part, late))
  }

  edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#paced(part, signal, (late) => {
      const { edit } = this.#transport
      return edit
        ? edit.call(this.#transport, messageId, part, late)
        : this.#transport.send(part, late)
    })
  }

  async typing(place: Place, on: boolean): Promise<void> {
    if (canSend(this.#state)) await this.#transport.typing?.(place, on)
  }

  async fetch(file: IncomingFile, signal: AbortSignal): Promise<Uint8Array> {
    const content = await this.#transport.fetch?.(file, signal)
    if (content) return content
    throw new Problem('no-files', `files cannot be fetched from ${this.name}`)
  }

  async deafness(place: Place): Promise<string | undefined> {
    return this.#transport.deafness?.(place)
  }

  /** One connection, from its beginning to its end. Without a failure it has ended as it should. */
  async #connect(
    listener: Listener,
    stopping: AbortSignal,
  ): Promise<ConnectionFailure | undefined> {
    const { clock, log, heard } = this.#parts
    const ending = new AbortController()
    const signal = AbortSignal.any([stopping, ending.signal])
    const { longestSilenceMs } = this.#transport
    let aliveAt = clock.now()
    let silent = false
    const watch = async () => {
      while (longestSilenceMs !== undefined && !signal.aborted) {
        const left = aliveAt + longestSilenceMs - clock.now()
        silent = left <= 0
        if (silent) ending.abort()
        else await pause(clock, left, signal)
      }
    }
    this.#enter({ kind: 'connecting' })
    const line = {
      listener,
      signal,
      reached: (kind: 'catching-up' | 'connected') => {
        if (!signal.aborted && this.#state.kind !== kind) this.#enter({ kind })
      },
      alive: () => {
        aliveAt = clock.now()
        heard()
      },
    }
    try {
      void watch()
      await this.#orLeft(this.#transport.connect(line), signal)
    } catch (error) {
      if (error instanceof ConnectionFailure) return error
      if (!silent) log.error({ err: error, transport: this.name }, 'A connection has failed.')
      if (!silent) return new ConnectionFailure('lost', 'The connection failed inside huskies.')
    } finally {
      ending.abort()
    }
    if (!silent) return undefined
    return new ConnectionFailure(
      'lost',
      `Nothing was heard for ${Math.round((longestSilenceMs ?? 0) / 1000)} seconds.`,
    )
  }

  /** Waits for a connection, but not for one that does not end when it is told to. */
  async #orLeft(connection: Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    const over = new AbortController()
    const left = aborted(signal).then(() => pause(clock, endingMs, over.signal))
    try {
      const inTime = await Promise.race([connection.then(() => true), left])
      if (!inTime) log.error({ transport: this.name }, 'A connection does not end, and is left.')
    } finally {
      over.abort()
    }
  }

  #delay(kind: 'lost' | 'conflict', failures: number): number {
    const delay =
      kind === 'conflict' ? conflictRetryMs : Math.min(longestRetryMs, firstRetryMs * 2 ** failures)
    return delay * (1 + this.#parts.random() / 4)
  }

  #enter(state: TransportState): void {
    this.#state = state
    this.#parts.changed(state)
    if (!canSend(state)) return
    for (const wake of this.#waiting) wake()
  }

  /** Resolves once something can be sent, or `signal` is aborted. */
  async #connected(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    await Promise.race([promise, aborted(signal)])
    this.#waiting.delete(resolve)
  }

  /** What has begun when `signal` is aborted may still end well: it gets a few seconds. */
  async #paced(
    place: Place,
    signal: AbortSignal,
    work: (late: AbortSignal) => Promise<Receipt>,
  ): Promise<Receipt> {
    if (signal.aborted) return work(signal)
    const late = new AbortController()
    let timer: { cancel(): void } | undefined
    const abort = () => {
      timer = this.#parts.clock.after(lastSendMs, () => late.abort())
    }
    signal.addEventListener('abort', abort)
    try {
      return await work(late.signal)
    } finally {
      signal.removeEventListener('abort', abort)
      timer?.cancel()
      this.#pace.done(place.room)
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** In a conflict only the network's events go elsewhere. */
function canSend({ kind }: TransportState): boolean {
  return kind === 'connected' || kind === 'catching-up' || kind === 'conflict'
}
