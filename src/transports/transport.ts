import type { IncomingMessage, OutgoingMessage, Place } from '../bot/message.ts'

/** How far a network can do something. */
type Level = 'full' | 'partial' | 'none'

/** What a transport can do and what its network allows. The conformance suite proves each line. */
export interface Capabilities {
  readonly edit: Level
  readonly react: Level
  readonly typing: Level
  readonly choices: Level
  readonly threads: Level
  readonly files: Level
  readonly delete: Level
  /** The longest text of one message, in characters as rendered. */
  readonly longestText: number
  /** How many messages a second one room may get. */
  readonly messagesPerSecond: number
  /** A send with an id that was sent before is done only once. */
  readonly idempotentSend: boolean
}

/** One vocabulary for the life of every connection. */
export type TransportState =
  | { readonly kind: 'starting' | 'connecting' | 'catching-up' | 'connected' | 'stopped' }
  | { readonly kind: 'lost'; readonly retryAt: number; readonly reason: string }
  /** Wrong credentials: never retried. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Another process uses the same credentials. */
  | { readonly kind: 'conflict'; readonly reason: string }

/** What the network gave back for a message that it took. */
export interface Receipt {
  /** The network's own id of the message; what an edit or a reply names. */
  readonly messageId: string
}

/** Connects one network to the bot. Optional powers are interfaces of their own, below. */
export interface Transport {
  /** The first part of every id that comes from it, for instance `terminal`. */
  readonly name: string
  readonly capabilities: Capabilities
  readonly state: TransportState
  /**
   * Connects, and hands every message to `receive` from then on. The network is told that a message
   * has arrived only after the promise that `receive` returned is fulfilled.
   */
  start(receive: (message: IncomingMessage) => Promise<void>): Promise<void>
  /** Disconnects; resolves when nothing of it runs any more. */
  stop(): Promise<void>
  /** Sends one message. Throws `SendFailure` and nothing else. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<Receipt>
  /** How the bot is called on this network. */
  identity(): { readonly id: string; readonly name: string }
}

/** A network where a message that was sent can be changed. */
export interface Editing {
  /** Replaces the text of a message. Throws `SendFailure` and nothing else. */
  edit(messageId: string, message: OutgoingMessage, signal: AbortSignal): Promise<Receipt>
}

/** A network that shows that the bot is at work. */
export interface Typing {
  /** Shows or hides it; a failure is of no consequence. */
  typing(place: Place, on: boolean): Promise<void>
}
