import type { Receipt } from '../bot/courier.ts'
import type {
  IncomingFile,
  IncomingMessage,
  OutgoingMessage,
  Part,
  Place,
  Press,
} from '../bot/message.ts'

/** How far a network can do something. */
type Level = 'full' | 'partial' | 'none'

/** So many messages there may be in any stretch of that length. */
export interface Rate {
  readonly messages: number
  readonly withinMs: number
}

/** What a transport can do and what its network allows. The conformance suite proves each line. */
export interface Capabilities {
  readonly edit: Level
  readonly react: Level
  readonly typing: Level
  /** Choices as buttons (`full`), or as numbers that people answer with (`partial`). */
  readonly choices: Level
  readonly threads: Level
  readonly files: Level
  readonly delete: Level
  /** The longest text of one message, in characters as rendered. */
  readonly longestText: number
  /** A send with an id that was sent before is done only once. */
  readonly idempotentSend: boolean
  /** How long the network keeps what was said while the bot was away; for ever where it is missing. */
  readonly keepsMs?: number
  /** What one room may be sent. */
  rates(room: string): readonly Rate[]
  /** What all rooms together may be sent. */
  readonly overallRates: readonly Rate[]
}

/** One vocabulary for the life of every connection. */
export type TransportState =
  | { readonly kind: 'starting' | 'connecting' | 'catching-up' | 'connected' | 'stopped' }
  | { readonly kind: 'lost'; readonly retryAt: number; readonly reason: string }
  /** Another process uses the same credentials. */
  | { readonly kind: 'conflict'; readonly retryAt: number; readonly reason: string }
  /** Wrong credentials: never retried. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Why a connection has ended, in a sentence that says what to do where a person must do something. */
export class ConnectionFailure extends Error {
  override readonly name = 'ConnectionFailure'
  readonly kind: 'lost' | 'conflict' | 'refused'
  /** When the network wants to be asked again, in ms since the epoch. */
  readonly until: number | undefined

  constructor(kind: ConnectionFailure['kind'], sentence: string, options?: { until?: number }) {
    super(sentence)
    this.kind = kind
    this.until = options?.until
  }
}

/**
 * Whom a network's events are handed to: the one listener of every transport. The network is told
 * that an event has arrived only after the promise is fulfilled. Events keep the order in which they
 * are handed in, and none needs to wait for the one before: those that are handed in together are
 * stored in one commit.
 */
export interface Listener {
  receive(message: IncomingMessage): Promise<void>
  /** The sender has changed a message. */
  edit(place: Place, eventId: string, text: string): Promise<unknown>
  /** The sender has deleted a message. */
  remove(place: Place, eventId: string): Promise<unknown>
  /** Somebody has picked a choice. */
  choose(press: Press): Promise<void>
}

/** One connection, as the transport sees the program at its other end. */
export interface Line {
  readonly listener: Listener
  /** Aborted when the connection is to end. */
  readonly signal: AbortSignal
  /** The connection has come that far. */
  reached(state: 'catching-up' | 'connected'): void
  /** A sign of life from the network itself: a frame, a poll that has ended. Messages are none. */
  alive(): void
}

/** How the bot is called on a network. */
export interface Identity {
  readonly id: string
  readonly name: string
}

/** Connects one network to the bot. Optional powers are interfaces of their own, below. */
export interface Transport {
  /** The first part of every id that comes from it, for instance `terminal`. */
  readonly name: string
  readonly capabilities: Capabilities
  /** A connection without a sign of life for so long is taken for lost, in ms. */
  readonly longestSilenceMs?: number
  /** Known once it has been connected. */
  identity(): Identity | undefined
  /**
   * Connects, and stays connected until `line.signal` is aborted; resolves when nothing of it runs
   * any more. Throws `ConnectionFailure`; it retries nothing, that is the supervisor's.
   */
  connect(line: Line): Promise<void>
  /** Cuts a message into what the network takes at once, in its markup. */
  parts(message: OutgoingMessage): readonly Part[]
  /** Sends one part. Throws `SendFailure` and nothing else. */
  send(part: Part, signal: AbortSignal): Promise<Receipt>
}

/** A network where a message that was sent can be changed. */
export interface Editing {
  /** Replaces the text of a message. Throws `SendFailure` and nothing else. */
  edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt>
}

/** A network that shows that the bot is at work. */
export interface Typing {
  /** Shows or hides it; a failure is of no consequence. */
  typing(place: Place, on: boolean): Promise<void>
}

/** A network where a message can be answered with an emoji. */
export interface Reacting {
  /** Shows `emoji` at somebody's message, in the place of an earlier one. Throws `SendFailure`. */
  react(place: Place, eventId: string, emoji: string): Promise<void>
}

/** A network where a message that was sent can be taken back. */
export interface Deleting {
  /** Throws `SendFailure` and nothing else. */
  delete(place: Place, messageId: string): Promise<void>
}

/** A network from which files can be had that people have sent. */
export interface Fetching {
  /** The content of a file. Throws `Problem`, whose sentence ends "since ...". */
  fetch(file: IncomingFile, signal: AbortSignal): Promise<Uint8Array>
}

/** A network that lets a bot hear everything in a room only where people allow it. */
export interface Overhearing {
  /** What keeps the bot from it there, in a sentence that tells how to mend it. */
  deafness(place: Place): Promise<string | undefined>
}

/** A network that calls a room by several ids, one after the other or at the same time. */
export interface Renaming {
  /** The one with which everything comes that is said there. */
  roomOf(room: string): string
}

/** Everything that a transport may be able to do. */
export type AnyTransport = Transport &
  Partial<Editing & Typing & Reacting & Deleting & Fetching & Overhearing & Renaming>
