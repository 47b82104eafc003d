import { expect } from 'vitest'
import {
  type Case,
  connected,
  endOf,
  eventually,
  failureKinds,
  failureOf,
  never,
  outgoing,
  sees,
  send,
} from './case.ts'

/** What the bot says, as it reaches people. */
export const speakingCases: readonly Case[] = [
  {
    title: 'what is sent is seen, in order, and each receipt names its message',
    async prove(network) {
      const connection = await connected(network)
      const first = await send(connection, network, 'The **first** message.')
      const second = await send(connection, network, 'The second message.')
      expect(new Set([first.messageId, second.messageId, '']).size).toBe(3)
      await sees(network, /The first message\..*The second message\./s)
      await connection.stop()
    },
  },
  {
    title: 'L60: forty kilobytes with code blocks are seen to the last line',
    async prove(network) {
      const connection = await connected(network)
      const lines = Array.from({ length: 1600 }, (_, number) => `let line${number} = ${number}`)
      const block = (from: number) =>
        `\`\`\`ts\n${lines.slice(from, from + 400).join('\n')}\n\`\`\``
      await send(connection, network, [0, 400, 800, 1200].map(block).join('\n\nand\n\n'))
      await sees(network, /line1599 = 1599/)
      const seen = (await network.seen()).match(/let line\d+ = \d+/g) ?? []
      expect([...new Set(seen)]).toEqual(lines)
      await connection.stop()
    },
  },
  {
    title: 'what looks like markup and is none is seen as it stands',
    async prove(network) {
      const connection = await connected(network)
      const text = 'a \\* b \\_c\\_ <d> &amp;amp; \\`e\\` \\~f\\~ \\> g [h'
      await send(connection, network, text)
      await eventually(async () =>
        expect(await network.seen()).toContain('a * b _c_ <d> &amp; `e` ~f~ > g [h'),
      )
      await connection.stop()
    },
  },
  {
    title: 'a message that is edited shows its new text',
    power: 'edit',
    async prove(network) {
      const connection = await connected(network)
      const { messageId } = await send(connection, network, 'It is running.')
      const [part] = connection.link.parts(outgoing(network, 'It is done.'))
      const receipt = part && (await connection.link.edit(messageId, part, never))
      expect(receipt?.messageId).toBe(messageId)
      await sees(network, /It is done\./)
      expect(await network.seen()).not.toContain('It is running.')
      await connection.stop()
    },
  },
  {
    title: 'an emoji is shown at what somebody said',
    power: 'react',
    needs: ['reactions'],
    async prove(network) {
      const { received, stop } = await connected(network)
      await network.says('hello')
      await eventually(() => expect(received).toHaveLength(1))
      const [message] = received
      if (message) await network.transport.react?.(message, message.eventId, '👀')
      await eventually(async () => expect(await network.reactions()).toEqual(['👀']))
      await stop()
    },
  },
  {
    title: 'a message that is deleted is seen no more',
    power: 'delete',
    async prove(network) {
      const connection = await connected(network)
      const { messageId } = await send(connection, network, 'A slip of the tongue.')
      await sees(network, /A slip/)
      await network.transport.delete?.(network.place, messageId)
      await eventually(async () => expect(await network.seen()).not.toContain('A slip'))
      await connection.stop()
    },
  },
  {
    title: 'that the bot is at work is shown, and leaves nothing behind',
    power: 'typing',
    async prove(network) {
      const { link, stop } = await connected(network)
      const before = await network.seen()
      const shown = link.typing(network.place, true)
      await eventually(async () => expect(await network.seen()).not.toBe(before))
      await link.typing(network.place, false)
      await shown
      await eventually(async () => {
        network.clock.advance(1000)
        expect(await network.seen()).toBe(before)
      })
      await stop()
    },
  },
  {
    title: 'choices are seen, and one of them is an answer',
    power: 'choices',
    async prove(network) {
      const connection = await connected(network)
      const { received, picked } = connection
      const choices = [{ label: 'Delete it' }, { label: 'Keep it' }]
      const message = { ...outgoing(network, 'Delete item 3?'), choices }
      await send(connection, network, message.text, message)
      await sees(network, /Delete item 3\?.*Delete it.*Keep it/s)
      if (network.transport.capabilities.choices === 'full') {
        await network.picks('Keep it')
        await eventually(() => expect(picked).toHaveLength(1))
        expect(picked[0]).toMatchObject({ ...network.place, message: message.id, choice: 1 })
      } else {
        const answers = () => [
          ...picked.map(({ choice }) => choices[choice]?.label),
          ...received.map(({ text }) => text),
        ]
        await network.says('2')
        await eventually(() => expect(answers()).toEqual(['Keep it']))
        await network.says('2')
        await eventually(() => expect(answers()).toEqual(['Keep it', '2']))
      }
      await connection.stop()
    },
  },
  {
    title: 'what is far too long for a chat comes as a file',
    power: 'files',
    async prove(network) {
      const connection = await connected(network)
      const text = Array.from({ length: 30_000 }, (_, number) => `word${number}`).join(' ')
      const parts = connection.link.parts(outgoing(network, text))
      expect(parts.at(-1)?.file).toMatchObject({ name: 'message.md', content: text })
      await send(connection, network, text)
      await sees(network, /word29999/)
      await connection.stop()
    },
  },
  {
    title: 'a room that must wait is told until when, and no other room waits with it',
    needs: ['room', 'limits'],
    async prove(network) {
      const connection = await connected(network)
      network.limits(network.room, 30)
      const failure = await failureOf(send(connection, { place: network.room }, 'Too fast.'))
      expect(failure?.kind).toBe('rate-limited')
      const wait = (failure?.until ?? 0) - network.clock.now()
      expect(wait).toBeGreaterThan(29_000)
      expect(wait).toBeLessThanOrEqual(30_000)
      await send(connection, network, 'Not too fast.')
      await sees(network, /Not too fast\./)
      expect(await network.seen(network.room)).not.toContain('Too fast.')
      await connection.stop()
    },
  },
  {
    title: 'an error of the server fails one message, and the next one goes through',
    needs: ['fails'],
    async prove(network) {
      const connection = await connected(network)
      network.fails()
      expect(['unknown', 'transient']).toContain(await endOf(send(connection, network, 'One.')))
      await send(connection, network, 'Two.')
      await sees(network, /Two\./)
      await connection.stop()
    },
  },
  {
    title:
      'L59: a message whose answer is lost is in doubt, and its repetition is seen once where that is declared',
    needs: ['losesAnswer'],
    async prove(network) {
      const connection = await connected(network)
      const { idempotentSend } = network.transport.capabilities
      const message = outgoing(network, 'Once.')
      network.losesAnswer()
      const end = await endOf(send(connection, network, message.text, message))
      expect(end).toBe('unknown')
      if (idempotentSend) await send(connection, network, message.text, message)
      await sees(network, /Once\./)
      expect((await network.seen()).match(/Once\./g)).toHaveLength(1)
      await connection.stop()
    },
  },
  {
    title: 'a send that is under way when the program ends is given up, and is not called sent',
    async prove(network) {
      const connection = await connected(network)
      network.stalls()
      const ending = new AbortController()
      const [part] = connection.link.parts(outgoing(network, 'Is anybody there?'))
      if (!part) throw new Error('A message must have a part.')
      const sending = endOf(connection.link.send(part, ending.signal))
      ending.abort()
      network.clock.advance(5000)
      expect(['unknown', 'cancelled']).toContain(await sending)
      await connection.stop()
    },
  },
  {
    title: 'a send that is cancelled before it began sends nothing',
    async prove(network) {
      const connection = await connected(network)
      const [part] = connection.link.parts(outgoing(network, 'Never mind.'))
      if (!part) throw new Error('A message must have a part.')
      expect(await endOf(connection.link.send(part, AbortSignal.abort()))).toBe('cancelled')
      await send(connection, network, 'The next one.')
      await sees(network, /The next one\./)
      expect(await network.seen()).not.toContain('Never mind.')
      await connection.stop()
    },
  },
  {
    title: 'a network that is gone fails a send in one of the known kinds, and harms nobody',
    async prove(network) {
      const connection = await connected(network)
      await network.breaks()
      expect(failureKinds).toContain(await endOf(send(connection, network, 'Hello?')))
      await connection.stop()
    },
  },
]
