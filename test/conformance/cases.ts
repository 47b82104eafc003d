import { expect, vi } from 'vitest'
import { SendFailure, type SendFailureKind } from '../../src/bot/courier.ts'
import type { IncomingMessage, OutgoingMessage } from '../../src/bot/message.ts'
import type { Capabilities, TransportState } from '../../src/transports/transport.ts'
import type { Network } from './network.ts'

/** One promise of every transport. */
export interface Case {
  readonly title: string
  /** The power that the case proves; it is left out where the transport does not declare it. */
  readonly power?: 'edit' | 'typing' | 'choices'
  prove(network: Network): Promise<void>
}

const failureKinds: readonly SendFailureKind[] = [
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

const states: readonly TransportState['kind'][] = [
  'starting',
  'connecting',
  'catching-up',
  'connected',
  'lost',
  'refused',
  'conflict',
  'stopped',
]

const never = new AbortController().signal

export const cases: readonly Case[] = [
  {
    title: 'a direct message arrives with its place, its sender and its time',
    async prove(network) {
      const received = await started(network)
      network.says('story Add a greeting')
      await eventually(() => expect(received).toHaveLength(1))
      expect(received[0]).toMatchObject({
        ...network.place,
        text: 'story Add a greeting',
        direct: true,
        sender: {
          id: expect.stringMatching(`^${network.transport.name}:.`),
          name: expect.stringMatching(/./),
        },
        eventId: expect.stringMatching(/./),
        at: expect.any(Number),
      })
    },
  },
  {
    title: 'the bot knows its own id, and what it says does not come back to it',
    async prove(network) {
      const received = await started(network)
      const { id, name } = network.transport.identity()
      expect(id.startsWith(`${network.transport.name}:`)).toBe(true)
      expect(name).not.toBe('')
      await send(network, 'Hello from the bot.')
      network.says('hello')
      await eventually(() => expect(received).toHaveLength(1))
      expect(received[0]?.text).toBe('hello')
      expect(received[0]?.sender.id).not.toBe(id)
    },
  },
  {
    title: 'what is sent is seen, in order, and each receipt names its message',
    async prove(network) {
      await started(network)
      const first = await send(network, 'The **first** message.')
      const second = await send(network, 'The second message.')
      expect(new Set([first.messageId, second.messageId, '']).size).toBe(3)
      await sees(network, /The first message\..*The second message\./s)
    },
  },
  {
    title: 'L60: forty kilobytes with code blocks are seen to the last line',
    async prove(network) {
      await started(network)
      const lines = Array.from({ length: 1600 }, (_, number) => `let line${number} = ${number}`)
      const block = (from: number) =>
        `\`\`\`ts\n${lines.slice(from, from + 400).join('\n')}\n\`\`\``
      await send(network, [0, 400, 800, 1200].map(block).join('\n\nand\n\n'))
      await sees(network, /line1599 = 1599/)
      expect((await network.seen()).match(/let line\d+ = \d+/g)).toEqual(lines)
    },
  },
  {
    title: 'a message that is edited shows its new text',
    power: 'edit',
    async prove(network) {
      await started(network)
      const { messageId } = await send(network, 'It is running.')
      const edit = outgoing(network, 'It is done.')
      const receipt = await network.transport.edit?.(messageId, edit, never)
      expect(receipt?.messageId).toBe(messageId)
      await sees(network, /It is done\./)
      expect(await network.seen()).not.toContain('It is running.')
    },
  },
  {
    title: 'that the bot is at work is shown, and leaves nothing behind',
    power: 'typing',
    async prove(network) {
      await started(network)
      const before = await network.seen()
      await network.transport.typing?.(network.place, true)
      await eventually(async () => expect(await network.seen()).not.toBe(before))
      await network.transport.typing?.(network.place, false)
      await eventually(async () => expect(await network.seen()).toBe(before))
    },
  },
  {
    title: 'choices are seen, and the number of one is an answer',
    power: 'choices',
    async prove(network) {
      const received = await started(network)
      const choices = [{ label: 'Delete it' }, { label: 'Keep it' }]
      await network.transport.send({ ...outgoing(network, 'Delete item 3?'), choices }, never)
      await sees(network, /Delete item 3\?.*Delete it.*Keep it/s)
      network.says('2')
      await eventually(() => expect(received.map(({ text }) => text)).toEqual(['Keep it']))
      network.says('2')
      await eventually(() => expect(received[1]?.text).toBe('2'))
    },
  },
  {
    title: 'an event that is delivered again has the id that it had',
    async prove(network) {
      const received = await started(network)
      network.says('hello')
      await eventually(() => expect(received).toHaveLength(1))
      network.redelivers?.()
      await eventually(() => expect(received).toHaveLength(2))
      expect(received[1]?.eventId).toBe(received[0]?.eventId)
    },
  },
  {
    title: 'a burst of 200 messages arrives whole, in order, under 200 ids',
    async prove(network) {
      const received = await started(network)
      const said = Array.from({ length: 200 }, (_, number) => `message ${number}`)
      for (const text of said) network.says(text)
      await eventually(() => expect(received).toHaveLength(200))
      expect(received.map(({ text }) => text)).toEqual(said)
      expect(new Set(received.map(({ eventId }) => eventId)).size).toBe(200)
    },
  },
  {
    title: 'a message counts as taken only when it is stored: the next one waits for it',
    async prove(network) {
      const stored = Promise.withResolvers<void>()
      const came: string[] = []
      await network.transport.start(({ text }) => {
        came.push(text)
        return stored.promise
      })
      network.says('one')
      network.says('two')
      await eventually(() => expect(came).toHaveLength(1))
      // Whatever is on its way has had its turn when the network has taken a message from us.
      await send(network, 'Meanwhile.')
      expect(came).toEqual(['one'])
      stored.resolve()
      await eventually(() => expect(came).toEqual(['one', 'two']))
    },
  },
  {
    title: 'a send that is under way when the transport stops ends, and is not called sent',
    async prove(network) {
      await started(network)
      network.stalls()
      const sending = failureOf(send(network, 'Is anybody there?'))
      await network.transport.stop()
      expect(['unknown', 'cancelled']).toContain(await sending)
      expect(network.transport.state.kind).toBe('stopped')
      expect(failureKinds).toContain(await failureOf(send(network, 'Too late.')))
    },
  },
  {
    title: 'a send that is cancelled before it began sends nothing',
    async prove(network) {
      await started(network)
      const sending = network.transport.send(outgoing(network, 'Never mind.'), AbortSignal.abort())
      expect(await failureOf(sending)).toBe('cancelled')
      await send(network, 'The next one.')
      await sees(network, /The next one\./)
      expect(await network.seen()).not.toContain('Never mind.')
    },
  },
  {
    title: 'its states are words of the one vocabulary, from start to stop',
    async prove(network) {
      expect(network.transport.state.kind).toBe('starting')
      await started(network)
      expect(states).toContain(network.transport.state.kind)
      await eventually(() => expect(network.transport.state.kind).toBe('connected'))
      await network.transport.stop()
      expect(network.transport.state.kind).toBe('stopped')
    },
  },
  {
    title: 'a network that is gone fails a send in one of the known kinds, and harms nobody',
    async prove(network) {
      await started(network)
      network.breaks()
      expect(failureKinds).toContain(await failureOf(send(network, 'Hello?')))
      expect(states).toContain(network.transport.state.kind)
    },
  },
  {
    title: 'each power that it declares is there to be called',
    async prove({ transport }) {
      const { edit, typing }: Capabilities = transport.capabilities
      if (edit !== 'none') expect(transport.edit).toBeTypeOf('function')
      if (typing !== 'none') expect(transport.typing).toBeTypeOf('function')
    },
  },
]

async function started(network: Network): Promise<readonly IncomingMessage[]> {
  const received: IncomingMessage[] = []
  await network.transport.start(async (message) => {
    received.push(message)
  })
  await eventually(async () => expect(await network.ready()).toBe(true))
  return received
}

let sent = 0

function outgoing({ place }: Network, text: string): OutgoingMessage {
  return { ...place, id: `message-${++sent}`, text }
}

function send(network: Network, text: string) {
  return network.transport.send(outgoing(network, text), never)
}

/** The kind in which a send failed; any other error fails the case. */
async function failureOf(sending: Promise<unknown>): Promise<string> {
  try {
    await sending
    return 'sent'
  } catch (error) {
    if (error instanceof SendFailure) return error.kind
    throw error
  }
}

async function sees(network: Network, expected: RegExp): Promise<void> {
  await eventually(async () => expect(await network.seen()).toMatch(expected))
}

async function eventually(look: () => Promise<void> | void): Promise<void> {
  await vi.waitFor(look, { timeout: 10_000, interval: 5 })
}
