import type { Place } from '../../src/bot/message.ts'
import type { AnyTransport } from '../../src/transports/transport.ts'
import type { FakeClock } from '../support/fake-clock.ts'

/** Where somebody says something, and how they turn to the bot. */
export interface Saying {
  /** The direct chat with the bot where it is missing. */
  readonly in?: 'direct' | 'room' | 'thread'
  /** By its name, by the network's own mention, by a reply to what it said last, or not at all. */
  readonly to?: 'nobody' | 'name' | 'mention' | 'reply'
  /** Anna where it is missing. */
  readonly by?: 'anna' | 'another bot'
}

/**
 * One transport, not yet connected, and its network seen from the other side. What a network cannot
 * be made to do is missing here, and each case that needs it has a reason in the list of skips.
 */
export interface Network extends AsyncDisposable {
  readonly transport: AnyTransport
  /** The time that the connection is kept up by; it moves by the test alone. */
  readonly clock: FakeClock
  /** A direct chat of one person, Anna, with the bot. */
  readonly place: Place
  /** Somebody says something. */
  says(text: string, saying?: Saying): void | Promise<void>
  /** All that Anna sees of what was sent there, files included, as text, the newest last. */
  seen(place?: Place): Promise<string>
  /** From now on the network takes its time, for ever. */
  stalls(): void
  /** From now on the network is gone. */
  breaks(): void | Promise<void>

  /** Whether the network has shown all that it shows before anything was said. */
  ready?(): Promise<boolean>
  /** A room with more people in it, and a thread of it. */
  readonly room?: Place
  readonly thread?: Place
  /** Anna changes what she has said last. */
  edits?(text: string): void | Promise<void>
  /** Anna deletes what she has said last. */
  deletes?(): void | Promise<void>
  /** Anna picks one of the choices of the newest message of the bot's. */
  picks?(label: string): void | Promise<void>
  /** What the bot has answered with an emoji to what Anna has said last. */
  reactions?(): Promise<readonly string[]>
  /** The network delivers its newest event once more. */
  redelivers?(): void
  /** The next message to that place is refused, with the wish to wait so many seconds. */
  limits?(place: Place, seconds: number): void
  /** The next message meets an error of the server. */
  fails?(): void
  /** The next message is taken, but the answer is lost. */
  losesAnswer?(): void
  /** The network is there again after `breaks`. */
  mends?(): void | Promise<void>
  /** The network accepts the bot's credentials no more. */
  refuses?(): void
  /** Another program uses the same credentials. */
  conflicts?(): void
  /** The transport that a new start of the program would have. */
  again?(): AnyTransport
}

/** A transport that the suite is run for. */
export interface Subject {
  readonly name: string
  open(): Network | Promise<Network>
  /** Cases that cannot be had on this network, each with the reason why. */
  readonly skips: Readonly<Record<string, string>>
}
