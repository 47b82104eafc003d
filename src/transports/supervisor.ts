import { type Place, sessionOf } from '../bot/message.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { Link } from './link.ts'
import type { AnyTransport, Listener, TransportState } from './transport.ts'

/** What the supervisor works with. */
export interface SupervisorParts {
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Told, in a sentence, of what a person should know or mend. */
  readonly tell: (sentence: string) => void
  /** Told now and then that a network lives, and how long it keeps what is said meanwhile. */
  readonly heard: (network: string, keepsMs: number) => void
}

/** A connection that is lost for longer is told of. */
const patienceMs = 300_000

/** Runs all transports, each by itself, and tells people of what does not mend itself. */
export class Supervisor {
  /** The couriers of all networks. */
  readonly links: readonly Link[]
  readonly #transports: readonly AnyTransport[]
  readonly #parts: SupervisorParts
  readonly #stop = new AbortController()
  #running: readonly Promise<void>[] = []

  constructor(transports: readonly AnyTransport[], parts: SupervisorParts) {
    this.#transports = transports
    this.#parts = parts
    this.links = transports.map((transport) => this.#link(transport))
  }

  /** Connects everything; what comes is handed to `listener`. */
  start(listener: Listener): void {
    this.#running = this.links.map((link) => link.run(listener, this.#stop.signal))
  }

  /** Disconnects everything; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running)
  }

  /** These places as messages come from them, each once, whichever of a room's ids they are called by. */
  asHeard(places: readonly Place[]): readonly Place[] {
    const heard = places.map((place) => {
      const transport = this.#transports.find(({ name }) => name === place.transport)
      return { ...place, room: transport?.roomOf?.(place.room) ?? place.room }
    })
    return [...new Map(heard.map((place) => [sessionOf(place), place])).values()]
  }

  #link(transport: AnyTransport): Link {
    const { name, capabilities } = transport
    const { clock, random, log, heard } = this.#parts
    const keepsMs = capabilities.keepsMs ?? Number.POSITIVE_INFINITY
    return new Link(transport, {
      clock,
      random,
      log,
      changed: this.#reporter(name),
      heard: () => heard(name, keepsMs),
    })
  }

  /** Says once what is wrong with a network, and once that it is well again. */
  #reporter(name: string): (state: TransportState) => void {
    const { clock, log, tell } = this.#parts
    let badSince: number | undefined
    let told: TransportState['kind'] | undefined
    return (state) => {
      log.info({ transport: name, ...state }, 'A connection has changed its state.')
      if (state.kind === 'connected') {
        if (told) tell(`${called(name)} is connected again.`)
        badSince = undefined
        told = undefined
      }
      if (!('reason' in state)) return
      badSince ??= clock.now()
      const needsPerson = state.kind !== 'lost' || clock.now() - badSince >= patienceMs
      if (!needsPerson || told === state.kind) return
      told = state.kind
      tell(`${called(name)} is not connected: ${state.reason}`)
    }
  }
}

/** As people write the network's name. */
function called(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
