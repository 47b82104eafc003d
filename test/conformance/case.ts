import { expect, vi } from 'vitest'
import { type Receipt, SendFailure, type SendFailureKind } from '../../src/bot/courier.ts'
import type { IncomingMessage, OutgoingMessage, Press } from '../../src/bot/message.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { Link } from '../../src/transports/link.ts'
import type { AnyTransport, Capabilities, TransportState } from '../../src/transports/transport.ts'
import { sendWhole } from '../support/connect.ts'
import type { Network } from './network.ts'

/** One promise of every transport. */
export interface Case {
  readonly title: string
  /** The power that the case proves; it is left out where the transport does not declare it. */
  readonly power?: Exclude<keyof Capabilities, 'longestText' | 'idempotentSend'> & Power
  /** What the network must be able to do, so that the case can be tried. */
  readonly needs?: readonly (keyof Network)[]
  prove(network: Required<Network>): Promise<void>
}

type Power = 'edit' | 'react' | 'typing' | 'choices' | 'threads' | 'files' | 'delete'

export const failureKinds: readonly SendFailureKind[] = [
  'transient',
  'rate-limited',
  'refused',
  'forbidden',
  'gone',
  'invalid',
  'conflict',
  'cancelled',
  'unknown',
]

export const never = new AbortController().signal

/** A transport whose connection is kept up, and all that it has handed in. */
export interface Connected {
  readonly link: Link
  readonly received: IncomingMessage[]
  readonly edited: { readonly eventId: string; readonly text: string }[]
  readonly removed: string[]
  readonly picked: Press[]
  /** Every state that the connection has been in. */
  readonly states: TransportState[]
  stop(): Promise<void>
}

/** Connects, without waiting for it. */
export function connecting(
  network: Network,
  transport: AnyTransport = network.transport,
  stored: () => Promise<void> = async () => {},
): Connected {
  const ending = new AbortController()
  const heard = {
    received: [] as IncomingMessage[],
    edited: [] as { eventId: string; text: string }[],
    removed: [] as string[],
    picked: [] as Press[],
    states: [] as TransportState[],
  }
  const link = new Link(transport, {
    ...{ clock: network.clock, random: () => 0.5, log: silentLog },
    changed: (state) => heard.states.push(state),
    heard: () => {},
  })
  const running = link.run(
    {
      receive: (message) => {
        heard.received.push(message)
        return stored()
      },
      edit: async (_place, eventId, text) => heard.edited.push({ eventId, text }),
      remove: async (_place, eventId) => heard.removed.push(eventId),
      choose: async (press) => void heard.picked.push(press),
    },
    ending.signal,
  )
  return {
    ...{ link, ...heard },
    async stop() {
      ending.abort()
      await running
    },
  }
}

/** Connects, and waits until the network is there. */
export async function connected(
  network: Network,
  transport?: AnyTransport,
  stored?: () => Promise<void>,
): Promise<Connected> {
  const connection = connecting(network, transport, stored)
  await eventually(async () => {
    expect(connection.link.state.kind).toBe('connected')
    expect((await network.ready?.()) ?? true).toBe(true)
  })
  return connection
}

let sent = 0

export function outgoing({ place }: Pick<Network, 'place'>, text: string): OutgoingMessage {
  return { ...place, id: `lx3k9-${++sent}`, text }
}

/** Sends a message as a whole, to the direct chat where nothing else is said. */
export function send(
  connection: Connected,
  network: Pick<Network, 'place'>,
  text: string,
  more: Partial<OutgoingMessage> = {},
): Promise<Receipt> {
  return sendWhole(connection.link, { ...outgoing(network, text), ...more }, never)
}

/** How a send has ended: `sent`, or the kind in which it failed; any other error fails the case. */
export async function endOf(sending: Promise<unknown>): Promise<string> {
  return (await failureOf(sending))?.kind ?? 'sent'
}

export async function failureOf(sending: Promise<unknown>): Promise<SendFailure | undefined> {
  try {
    await sending
    return undefined
  } catch (error) {
    if (error instanceof SendFailure) return error
    throw error
  }
}

export async function sees(network: Network, expected: RegExp, place = network.place) {
  await eventually(async () => expect(await network.seen(place)).toMatch(expected))
}

export async function eventually(look: () => Promise<void> | void): Promise<void> {
  await vi.waitFor(look, { timeout: 15_000, interval: 5 })
}
