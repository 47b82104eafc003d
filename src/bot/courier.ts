import type { IncomingFile, OutgoingMessage, Part, Place } from './message.ts'

/** What can go wrong with a send; what is done about each stands in delivery.ts. */
export type SendFailureKind =
  | 'transient'
  | 'rate-limited'
  | 'refused'
  | 'forbidden'
  | 'gone'
  | 'invalid'
  | 'conflict'
  | 'cancelled'
  | 'unknown'

/** A send that did not happen, or of which nobody knows (`unknown`). */
export class SendFailure extends Error {
  override readonly name = 'SendFailure'
  readonly kind: SendFailureKind
  /** For `rate-limited`: when to try again, in ms since the epoch. */
  readonly until: number | undefined
  /** For `unknown`: the network was asked whether it has the message, and will never tell. */
  readonly forGood: boolean

  constructor(
    kind: SendFailureKind,
    message: string,
    options?: { until?: number; forGood?: boolean; cause?: unknown },
  ) {
    super(message, { cause: options?.cause })
    this.kind = kind
    this.until = options?.until
    this.forGood = options?.forGood ?? false
  }
}

/** What the network gave back for a message that it took. */
export interface Receipt {
  /** The network's own id of the message; what an edit or a reply names. */
  readonly messageId: string
}

/** The outgoing half of a transport, as the bot sees it. */
export interface Courier {
  readonly name: string
  readonly capabilities: {
    readonly edit: 'full' | 'partial' | 'none'
    readonly idempotentSend: boolean
  }
  /**
   * Cuts a message into what the network takes at once: one part at least. The same message has the
   * same parts after a restart, so that those which were sent are not sent again.
   */
  parts(message: OutgoingMessage): readonly Part[]
  /**
   * Resolves when that room may be sent its next message, or `signal` is aborted; nothing is
   * returned where that is now. Whoever waited sends, or waits again.
   */
  turn?(place: Place, signal: AbortSignal): Promise<void> | undefined
  /** Sends once. Throws `SendFailure` and nothing else. */
  send(part: Part, signal: AbortSignal): Promise<Receipt>
  /** Changes a message that was sent; present where `capabilities.edit` is not `none`. */
  edit?(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt>
  /** Shows or hides that the bot is at work there, where the network can. */
  typing?(place: Place, on: boolean): Promise<void>
  /** The content of a file that came with a message. Throws `Problem`. */
  fetch?(file: IncomingFile, signal: AbortSignal): Promise<Uint8Array>
  /** What keeps the bot from hearing everything that is said there, and how to mend it. */
  deafness?(place: Place): Promise<string | undefined>
}
