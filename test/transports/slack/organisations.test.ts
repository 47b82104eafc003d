import { expect, test } from 'vitest'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { connect } from '../../support/connect.ts'
import { eventually, openBot } from '../../support/slack/bot.ts'
import { onScreen } from '../../support/slack/conversations.ts'

test('somebody of another organisation, in a channel that is shared with it, is nobody of ours', async () => {
  const { server, conversations, anna, heard } = await openBot()
  const guest = conversations.person('Eve', false, { team: 'T9', enterprise: 'E9' })
  const shared = conversations.channel('shared', [anna, guest])
  server.says(guest, shared, 'status')
  server.says(anna, shared, 'status')
  await eventually(() => expect(heard).toHaveLength(2))
  expect(heard.map(({ sender }) => sender.id)).toEqual([`slack:T9/${guest.id}`, `slack:${anna.id}`])
})

test('what only somebody of another organisation is to see finds them', async () => {
  const { server, conversations, anna, transport } = await openBot()
  const guest = conversations.person('Eve', false, { team: 'T9' })
  const shared = conversations.channel('shared', [anna, guest])
  const [part] = transport.parts({
    ...{ transport: 'slack', room: shared.id, id: 'm-1', text: 'You are Eve.' },
    onlyFor: `slack:T9/${guest.id}`,
  })
  if (part) await transport.send(part, new AbortController().signal)
  expect(server.asides).toMatchObject([{ user: guest }])
})

test('in one organisation everybody has one id, and the history of all workspaces is read', async () => {
  const { server, conversations, anna, heard, make, clock } = await openBot()
  const colleague = conversations.person('Max', false, { team: 'T2', enterprise: 'E1' })
  const elsewhere = conversations.channel('elsewhere', [anna, colleague])
  server.says(anna, elsewhere, 'before')
  await eventually(() => expect(heard).toHaveLength(1))
  clock.advance(3_600_000)
  server.organisation = {
    ...{ id: 'E1', teams: ['T1', 'T2'] },
    channels: new Map([[elsewhere.id, 'T2']]),
  }
  await server.goDown()
  server.says(colleague, elsewhere, 'while you were away')
  server.socketMode.forget()
  await server.comeUp()
  const again: IncomingMessage[] = []
  const connection = connect(make(), async (message) => void again.push(message))
  await eventually(() => expect(again.map(({ text }) => text)).toContain('while you were away'))
  expect(again.at(-1)?.sender.id).toBe(`slack:${colleague.id}`)
  await connection.stop()
})

test('a channel that has another id, because it is shared now, stays the room that it was', async () => {
  const { server, conversations, anna, team, say, make, heard } = await openBot()
  const before = team.id
  const { messageId } = await say('Before.')
  conversations.rename(team, 'C9SHARED')
  server.tells({
    ...{ type: 'channel_id_changed', event_ts: '1.0' },
    ...{ old_channel_id: before, new_channel_id: 'C9SHARED' },
  })
  await eventually(() => expect(server.socketMode.pending).toBe(0))
  await say('After.', before)
  await make().delete({ transport: 'slack', room: before }, messageId)
  expect(conversations.in(team).map(onScreen)).toEqual(['After.\n'])
  server.says(anna, team, 'status')
  await server.types(anna, team, 'find it')
  expect(heard.map(({ room }) => room)).toEqual([before, before])
  expect(make().roomOf('C9SHARED')).toBe(before)
})
