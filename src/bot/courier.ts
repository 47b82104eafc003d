import type { OutgoingMessage, Place } from './message.ts'

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

  constructor(
    kind: SendFailureKind,
    message: string,
    options?: { until?: number; cause?: unknown },
  ) {
    super(message, { cause: options?.cause })
    this.kind = kind
    this.until = options?.until
  }
}

/** The outgoing half of a transport, as the bot sees it. */
export interface Courier {
  readonly name: string
  readonly capabilities: {
    readonly edit: 'full' | 'partial' | 'none'
    readonly idempotentSend: boolean
  }
  /** Sends once. Throws `SendFailure` and nothing else. */
  send(message: OutgoingMessage, signal: AbortSignal): Promise<{ readonly messageId: string }>
  /** Changes a message that was sent; present where `capabilities.edit` is not `none`. */
  edit?(
    messageId: string,
    message: OutgoingMessage,
    signal: AbortSignal,
  ): Promise<{ readonly messageId: string }>
  /** Shows or hides that the bot is at work there, where the network can. */
  typing?(place: Place, on: boolean): Promise<void>
}
