import type { Place } from '../../src/bot/message.ts'
import type { Editing, Transport, Typing } from '../../src/transports/transport.ts'

/** One transport, not yet started, and the network that it connects to, seen from its other side. */
export interface Network extends AsyncDisposable {
  readonly transport: Transport & Partial<Editing & Typing>
  /** A direct chat of one person with the bot. */
  readonly place: Place
  /** The person says something there. */
  says(text: string): void
  /** The network delivers its newest event once more. */
  redelivers?(): void
  /** All that the person sees of what was sent, as text, the newest last. */
  seen(): Promise<string>
  /** Whether the network has shown all that it shows before anything was said. */
  ready(): Promise<boolean>
  /** From now on the network takes its time, for ever. */
  stalls(): void
  /** From now on the network is gone. */
  breaks(): void
}

/** A transport that the suite is run for. */
export interface Subject {
  readonly name: string
  open(): Network
  /** Cases that cannot be had on this network, each with the reason why. */
  readonly skips: Readonly<Record<string, string>>
}
