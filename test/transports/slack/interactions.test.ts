import { expect, test, vi } from 'vitest'
import { fieldsOf } from '../../../src/bot/arguments.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { describedCommands } from '../../../src/commands/all.ts'
import { eventually, openBot } from '../../support/slack/bot.ts'
import { onScreen } from '../../support/slack/conversations.ts'
import { Refusal } from '../../support/slack/refusal.ts'
import type { SlackServer } from '../../support/slack/slack-server.ts'

const never = new AbortController().signal

function formOf({ views }: SlackServer) {
  const [form] = views.open
  if (!form) throw new Error('There is no form on the screen.')
  return form
}

test('a command that leaves out what must be said is asked for with a form, which is a message when it is sent', async () => {
  const { server, anna, team, heard } = await openBot()
  expect(await server.types(anna, team, 'create')).toEqual({})
  const [form] = server.views.open
  expect(form?.blocks.map(({ label }) => label.text)).toEqual(
    expect.arrayContaining(['Type', 'Title', 'Body', 'Priority', 'Qa']),
  )
  expect(heard).toEqual([])
  await server.submits(anna, formOf(server), {
    ...{ type: 'bug', title: 'The total is wrong', priority: 'high' },
    body: 'On Mondays.\n- [ ] it is right',
  })
  expect(heard).toMatchObject([
    {
      ...{ room: team.id, addressed: true, direct: false, sender: { name: 'Anna' } },
      text: 'create bug --priority high The total is wrong\nOn Mondays.\n- [ ] it is right',
    },
  ])
})

test('the form knows what was typed already', async () => {
  const { server, anna, direct, heard } = await openBot()
  await server.types(anna, direct, 'create story')
  await server.submits(anna, formOf(server), { title: 'Add a greeting' })
  expect(heard.map(({ text }) => text)).toEqual(['create story Add a greeting'])
})

test('whoever sends a form is told that it has come when it is stored', async () => {
  const stored = Promise.withResolvers<void>()
  const receive = vi.fn((_: IncomingMessage) => stored.promise)
  const { server, anna, team } = await openBot({ receive })
  await server.types(anna, team, 'reject')
  const sent = server.submits(anna, formOf(server), { item: '3', reason: 'No' })
  await eventually(() => expect(receive).toHaveBeenCalledOnce())
  expect(server.socketMode.pending).toBe(1)
  stored.resolve()
  await sent
  expect(server.socketMode.pending).toBe(0)
})

test('where Slack shows no form any more, the bot says what is missing', async () => {
  const { server, anna, team, heard } = await openBot()
  const refusal = new Refusal('expired_trigger_id')
  server.faults.push({ kind: 'refuse', method: 'views.open', times: 1, refusal })
  expect(await server.types(anna, team, 'create')).toEqual({ response_type: 'in_channel' })
  expect(heard.map(({ text }) => text)).toEqual(['create'])
})

test('the app’s shortcut asks for a new item, which is answered in the direct chat', async () => {
  const { server, anna, direct, heard } = await openBot()
  await server.picks(anna, 'create')
  await server.submits(anna, formOf(server), { type: 'story', title: 'A' })
  expect(heard).toMatchObject([{ room: direct.id, direct: true, text: 'create story A' }])
})

test('an item that is held is approved by a button, and rejected by a button and a form for the reason', async () => {
  const choose = vi.fn(async () => {})
  const { server, anna, team, heard, transport, conversations } = await openBot({ choose })
  const [part] = transport.parts({
    ...{ transport: 'slack', room: team.id, id: 'm-1', text: 'Item 3 is held.' },
    ...{ choices: [{ label: 'Approve 3' }, { label: 'Reject 3' }], choicesSpelled: true },
  })
  if (part) await transport.send(part, never)
  const shown = conversations.in(team).at(-1)
  if (!shown) throw new Error('Nothing was sent.')
  expect(onScreen(shown)).toContain('[Reject 3]')
  server.presses(anna, shown, 'Approve 3')
  await eventually(() => expect(choose).toHaveBeenCalledOnce())
  server.presses(anna, shown, 'Reject 3')
  await eventually(() => expect(server.views.open).toHaveLength(1))
  await server.submits(anna, formOf(server), { reason: 'The full stop is missing' })
  expect(heard.map(({ text }) => text)).toEqual(['reject 3 The full stop is missing'])
  expect(choose).toHaveBeenCalledOnce()
})

test('what is asked about oneself nobody else sees, and so it is with the answer', async () => {
  const { server, anna, team, heard, transport, conversations } = await openBot()
  expect(await server.types(anna, team, 'whoami')).toEqual({})
  expect(heard).toMatchObject([{ text: 'whoami', aside: true }])
  const [part] = transport.parts({
    ...{ transport: 'slack', room: team.id, id: 'm-1', text: 'You are Anna.' },
    onlyFor: `slack:${anna.id}`,
  })
  if (part) await transport.send(part, never)
  expect(server.asides).toMatchObject([{ channel: team, user: anna, text: 'You are Anna.\n' }])
  expect(conversations.in(team)).toEqual([])
})

test('who asks where the bot is not gets the answer in the direct chat', async () => {
  const { server, anna, team, direct, transport, conversations } = await openBot()
  team.members.delete(conversations.me.id)
  const [part] = transport.parts({
    ...{ transport: 'slack', room: team.id, id: 'm-1', text: 'You are Anna.' },
    onlyFor: `slack:${anna.id}`,
  })
  if (part) await transport.send(part, never)
  expect(server.asides).toEqual([])
  expect(conversations.in(direct).map(onScreen)).toEqual(['You are Anna.\n'])
})

test('Slack takes the form of every command', async () => {
  const { server, anna, team, heard } = await openBot()
  const needy = describedCommands().filter(({ input }) =>
    fieldsOf(input).some(({ required, take }) => required && take !== 'body'),
  )
  for (const { name } of needy) await server.types(anna, team, name)
  expect(server.views.open.map((form) => form.callback_id)).toEqual(needy.map(({ name }) => name))
  expect(heard).toEqual([])
})
