import { expect } from 'vitest'
import { type Case, connected, connecting, eventually, send } from './case.ts'
import type { Saying } from './network.ts'

/** What people say, as it reaches the bot. */
export const hearingCases: readonly Case[] = [
  {
    title: 'a direct message arrives with its place, its sender and its time',
    async prove(network) {
      const { received, stop } = await connected(network)
      await network.says('story Add a greeting')
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
      await stop()
    },
  },
  {
    title: 'in a room it is told whom a message is for, and the bot is not named in the text',
    needs: ['room'],
    async prove(network) {
      const connection = await connected(network)
      const { received } = connection
      await send(connection, { place: network.room }, 'Hello everybody.')
      const forms = ['name', 'mention', 'reply'] as const
      for (const to of forms) await network.says(`status ${to}`, { in: 'room', to })
      await eventually(() => expect(received).toHaveLength(forms.length))
      for (const [index, to] of forms.entries())
        expect(received[index]).toMatchObject({
          ...network.room,
          ...{ text: `status ${to}`, direct: false, addressed: true },
        })
      await network.says('status nobody', { in: 'room', to: 'nobody' })
      await network.says('status direct')
      await eventually(() => expect(received.at(-1)?.text).toBe('status direct'))
      const heard = received.find(({ text }) => text === 'status nobody')
      if (heard) expect(heard.addressed).toBe(false)
      await connection.stop()
    },
  },
  {
    title: 'a message in a thread has its thread, and an answer to it is seen there alone',
    power: 'threads',
    needs: ['room', 'thread'],
    async prove(network) {
      const connection = await connected(network)
      const saying: Saying = { in: 'thread', to: 'mention' }
      await network.says('status', saying)
      await eventually(() => expect(connection.received).toHaveLength(1))
      expect(connection.received[0]).toMatchObject({ ...network.thread, addressed: true })
      const replyTo = connection.received[0]?.eventId ?? ''
      await send(connection, { place: network.thread }, 'In the thread.', { replyTo })
      await send(connection, { place: network.room }, 'In the room.')
      await eventually(async () => {
        expect(await network.seen(network.thread)).toContain('In the thread.')
        expect(await network.seen(network.room)).toContain('In the room.')
      })
      expect(await network.seen(network.thread)).not.toContain('In the room.')
      await connection.stop()
    },
  },
  {
    title: 'the bot knows its own id, and what it says does not come back to it',
    async prove(network) {
      const connection = await connected(network)
      const identity = network.transport.identity()
      expect(identity?.id.startsWith(`${network.transport.name}:`)).toBe(true)
      expect(identity?.name).toMatch(/./)
      await send(connection, network, 'Hello from the bot.')
      await network.says('hello')
      await eventually(() => expect(connection.received).toHaveLength(1))
      expect(connection.received[0]?.text).toBe('hello')
      expect(connection.received[0]?.sender.id).not.toBe(identity?.id)
      await connection.stop()
    },
  },
  {
    title: 'what another bot says is not heard',
    needs: ['room'],
    async prove(network) {
      const { received, stop } = await connected(network)
      await network.says('status', { in: 'room', to: 'mention', by: 'another bot' })
      await network.says('hello')
      await eventually(() => expect(received.map(({ text }) => text)).toEqual(['hello']))
      await stop()
    },
  },
  {
    title: 'a message that its sender changes is told under the id that it had',
    needs: ['edits'],
    async prove(network) {
      const { received, edited, stop } = await connected(network)
      await network.says('stats')
      await eventually(() => expect(received).toHaveLength(1))
      await network.edits('status')
      const eventId = received[0]?.eventId
      await eventually(() => expect(edited).toEqual([{ eventId, text: 'status' }]))
      expect(received).toHaveLength(1)
      await stop()
    },
  },
  {
    title: 'a message that its sender deletes is told under the id that it had',
    needs: ['deletes'],
    async prove(network) {
      const { received, removed, stop } = await connected(network)
      await network.says('start 1')
      await eventually(() => expect(received).toHaveLength(1))
      await network.deletes()
      await eventually(() => expect(removed).toEqual([received[0]?.eventId]))
      await stop()
    },
  },
  {
    title: 'an event that is delivered again has the id that it had',
    needs: ['redelivers'],
    async prove(network) {
      const { received, stop } = await connected(network)
      await network.says('hello')
      await eventually(() => expect(received).toHaveLength(1))
      network.redelivers()
      await eventually(() => {
        // A network may have to lose the connection for this; it comes back when its time has come.
        network.clock.advance(1000)
        expect(received).toHaveLength(2)
      })
      expect(received[1]?.eventId).toBe(received[0]?.eventId)
      await stop()
    },
  },
  {
    title: 'a burst of 200 messages arrives whole, in order, under 200 ids',
    async prove(network) {
      const { received, stop } = await connected(network)
      const said = Array.from({ length: 200 }, (_, number) => `message ${number}`)
      for (const text of said) await network.says(text)
      await eventually(() => expect(received).toHaveLength(200))
      expect(received.map(({ text }) => text)).toEqual(said)
      expect(new Set(received.map(({ eventId }) => eventId)).size).toBe(200)
      await stop()
    },
  },
  {
    title: 'a message counts as taken only when it is stored: the next one waits for it',
    async prove(network) {
      const stored = Promise.withResolvers<void>()
      const connection = await connected(network, network.transport, () => stored.promise)
      const texts = () => connection.received.map(({ text }) => text)
      await network.says('one')
      await eventually(() => expect(texts()).toEqual(['one']))
      await network.says('two')
      // Whatever is on its way has had its turn when the network has taken a message from us.
      await send(connection, network, 'Meanwhile.')
      expect(texts()).toEqual(['one'])
      stored.resolve()
      await eventually(() => expect(texts()).toEqual(['one', 'two']))
      await connection.stop()
    },
  },
  {
    title: 'what could not be stored comes again, at the next start too',
    needs: ['again'],
    async prove(network) {
      const full = () => Promise.reject(new Error('The disk is full.'))
      const first = await connected(network, network.transport, full)
      await network.says('one')
      await eventually(() => expect(first.received).toHaveLength(1))
      await first.stop()
      const { received, stop } = connecting(network, network.again())
      await eventually(() => expect(received.map(({ text }) => text)).toEqual(['one']))
      expect(received[0]?.eventId).toBe(first.received[0]?.eventId)
      await stop()
    },
  },
  {
    title: 'what is said while the bot is away is heard when it comes back, in order',
    needs: ['again'],
    async prove(network) {
      const first = await connected(network)
      await network.says('before')
      await eventually(() => expect(first.received).toHaveLength(1))
      await first.stop()
      for (const text of ['one', 'two', 'three']) await network.says(text)
      const { received, stop } = connecting(network, network.again())
      const missed = () => received.map(({ text }) => text).filter((text) => text !== 'before')
      await eventually(() => expect(missed()).toEqual(['one', 'two', 'three']))
      await stop()
    },
  },
]
