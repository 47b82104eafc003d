import { expect } from 'vitest'
import { type Case, connected, connecting, eventually, sees, send } from './case.ts'

/** How a connection is made, kept and ended. */
export const connectionCases: readonly Case[] = [
  {
    title: 'it is connected only after it was connecting, and ends stopped',
    async prove(network) {
      const connection = await connected(network)
      const kinds = () => connection.states.map(({ kind }) => kind)
      expect(kinds()).toEqual(['connecting', ...kinds().slice(1)])
      expect(kinds().at(-1)).toBe('connected')
      await connection.stop()
      expect(connection.link.state.kind).toBe('stopped')
    },
  },
  {
    title: 'a connection that is lost comes back by itself, with all that was said meanwhile',
    needs: ['mends'],
    async prove(network) {
      const connection = await connected(network)
      await network.says('before')
      await eventually(() => expect(connection.received).toHaveLength(1))
      await network.breaks()
      await eventually(() => expect(connection.link.state.kind).toBe('lost'))
      const { state } = connection.link
      expect(state).toMatchObject({ reason: expect.stringMatching(/./) })
      expect('retryAt' in state && state.retryAt).toBeGreaterThan(network.clock.now())
      await network.mends()
      await network.says('meanwhile')
      await eventually(() => {
        network.clock.advance(1000)
        expect(connection.link.state.kind).toBe('connected')
      })
      await eventually(() => expect(connection.received.at(-1)?.text).toBe('meanwhile'))
      await send(connection, network, 'Here again.')
      await sees(network, /Here again\./)
      await connection.stop()
    },
  },
  {
    title: 'credentials that are refused are not tried again, and a person is told what to do',
    needs: ['refuses'],
    async prove(network) {
      network.refuses()
      const { link, states, stop } = connecting(network)
      await eventually(() => expect(link.state.kind).toBe('refused'))
      expect(link.state).toMatchObject({ reason: expect.stringMatching(/\w+ .*/) })
      const tried = states.length
      network.clock.advance(86_400_000)
      expect(states).toHaveLength(tried)
      await stop()
    },
  },
  {
    title: 'another program with the same credentials is noticed',
    needs: ['conflicts'],
    async prove(network) {
      const { link, stop } = await connected(network)
      network.conflicts()
      await eventually(() => expect(link.state.kind).toBe('conflict'))
      expect(link.state).toMatchObject({ reason: expect.stringMatching(/\w+ .*/) })
      await stop()
    },
  },
  {
    title: 'each power that it declares is there to be called',
    async prove({ transport }) {
      const { capabilities: can } = transport
      if (can.edit !== 'none') expect(transport.edit).toBeTypeOf('function')
      if (can.typing !== 'none') expect(transport.typing).toBeTypeOf('function')
      if (can.react !== 'none') expect(transport.react).toBeTypeOf('function')
      if (can.delete !== 'none') expect(transport.delete).toBeTypeOf('function')
    },
  },
]
