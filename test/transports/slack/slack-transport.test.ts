import { expect, test, vi } from 'vitest'
import { SendFailure } from '../../../src/bot/courier.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { ConnectionFailure } from '../../../src/transports/transport.ts'
import { connect } from '../../support/connect.ts'
import { eventually, openBot } from '../../support/slack/bot.ts'
import { onScreen } from '../../support/slack/conversations.ts'

const never = new AbortController().signal

test('a mention, which Slack tells of as a mention and as a message, is heard once', async () => {
  const { server, anna, team, heard, conversations } = await openBot()
  server.says(anna, team, `<@${conversations.me.id}>: status`)
  server.says(anna, team, 'Anything else?')
  await eventually(() => expect(heard).toHaveLength(2))
  expect(heard.map(({ text }) => text)).toEqual(['status', 'Anything else?'])
  expect(heard[0]?.addressed).toBe(true)
  await eventually(() => expect(server.socketMode.pending).toBe(0))
})

test('while Slack refreshes its connections one after the other, everything is heard under its id', async () => {
  const { server, anna, direct, heard } = await openBot()
  const said = Array.from({ length: 20 }, (_, number) => `message ${number}`)
  for (const [index, text] of said.entries()) {
    server.says(anna, direct, text)
    if (index % 5 === 0) server.socketMode.refresh()
    await eventually(() => expect(server.socketMode.connections).toBe(2))
  }
  // What was on its way through a connection that closed comes again, and the inbox knows it by its id.
  const texts = () => new Map(heard.map(({ eventId, text }) => [eventId, text]))
  await eventually(() => expect([...texts().values()].sort()).toEqual(said.sort()))
})

test('what comes together is handed in at once, in order, and acknowledged when all of it is stored', async () => {
  const stored = Promise.withResolvers<void>()
  const receive = vi.fn((_: IncomingMessage) => stored.promise)
  const { server, anna, direct } = await openBot({ receive })
  const said = Array.from({ length: 10 }, (_, number) => `message ${number}`)
  server.says(anna, direct, 'before')
  await eventually(() => expect(receive).toHaveBeenCalledOnce())
  for (const text of said) server.says(anna, direct, text)
  expect(server.socketMode.pending).toBe(11)
  stored.resolve()
  await eventually(() => expect(server.socketMode.pending).toBe(0))
  expect(receive.mock.calls.map(([{ text }]) => text)).toEqual(['before', ...said])
})

test('what Slack writes in its own way is read as people see it', async () => {
  const { server, anna, direct, heard } = await openBot()
  server.says(
    anna,
    direct,
    `Ask <@${anna.id}> in <#C1|team> about <https://e.org/a?b=1&amp;c=2|it> &lt;b&gt;`,
  )
  await eventually(() => expect(heard).toHaveLength(1))
  expect(heard[0]?.text).toBe('Ask @Anna in #team about it (https://e.org/a?b=1&c=2) <b>')
})

test('a picture that Slack puts under a link is no change of the message', async () => {
  const edit = vi.fn(async () => {})
  const { server, anna, direct, heard } = await openBot({ edit })
  const message = server.says(anna, direct, 'https://e.org')
  server.unfurls(message)
  server.says(anna, direct, 'next')
  await eventually(() => expect(heard).toHaveLength(2))
  expect(edit).not.toHaveBeenCalled()
})

test('the slash command is heard where it was typed, and shown to everybody there, but for help', async () => {
  const { server, anna, team, heard } = await openBot()
  expect(await server.types(anna, team, 'find a &lt;b&gt;')).toEqual({
    response_type: 'in_channel',
  })
  expect(await server.types(anna, team, ' ')).toEqual({})
  expect(heard.map(({ text }) => text)).toEqual(['find a <b>', 'help'])
  expect(heard[0]).toMatchObject({ room: team.id, addressed: true, direct: false })
})

test('answers in threads that were given while the bot was away are heard, and nothing from before its time', async () => {
  const { server, anna, team, say, heard, clock, conversations, make, transport } = await openBot()
  server.says(anna, team, 'before')
  await eventually(() => expect(heard).toHaveLength(1))
  const root = await say('A question.')
  clock.advance(3_600_000)
  server.says(anna, team, 'meanwhile')
  await eventually(() => expect(heard).toHaveLength(2))
  await server.goDown()
  const thread = root.messageId.split('/')[1] ?? ''
  clock.advance(3_600_000)
  server.says(anna, team, 'An answer.', { thread })
  const late = conversations.channel('late', [anna])
  server.says(anna, late, 'Nobody hears this.')
  server.says(conversations.me, late, 'has joined', { subtype: 'channel_join' })
  server.says(anna, late, 'Somebody hears this.')
  server.socketMode.forget()
  await server.comeUp()
  const again: IncomingMessage[] = []
  const connection = connect(make(), async (message) => void again.push(message))
  await eventually(() => expect(again.map(({ text }) => text)).toContain('Somebody hears this.'))
  expect(transport.name).toBe('slack')
  expect(again.map(({ text }) => text)).not.toContain('Nobody hears this.')
  expect(again.find(({ text }) => text === 'An answer.')).toMatchObject({ thread, addressed: true })
  await connection.stop()
})

test.each([
  { what: 'the bot is not in the channel', kind: 'forbidden', advice: /invite/ },
  { what: 'the channel is archived', kind: 'gone', advice: /unarchive/ },
])('a message is not sent where $what, and a person reads what to do', async ({ kind, advice }) => {
  const { team, conversations, say } = await openBot()
  if (kind === 'gone') team.archived = true
  else team.members.delete(conversations.me.id)
  const error = await say('Hello.').catch((failure: unknown) => failure)
  expect(error).toBeInstanceOf(SendFailure)
  expect(error).toMatchObject({ kind, message: expect.stringMatching(advice) })
})

test('L59: a file whose answer was lost is found by its id, and is not sent again', async () => {
  const { server, conversations, team, transport, clock } = await openBot()
  const part = {
    ...{ transport: 'slack', room: team.id, id: 'f-1', text: 'All of it:' },
    file: { name: 'message.md', content: 'whole' },
  }
  server.faults.push({ kind: 'cut-after', times: 1, method: 'files.completeUploadExternal' })
  await expect(transport.send(part, never)).rejects.toMatchObject({ kind: 'unknown' })
  clock.advance(5000)
  await transport.send(part, never)
  expect(conversations.in(team).filter(({ file }) => file)).toHaveLength(1)
})

test.each(['is not in the channel', 'may not read there'])(
  'L59: a message in doubt is not said again where the bot %s',
  async (why) => {
    const { server, conversations, team, say } = await openBot()
    team.isPublic = true
    if (why === 'is not in the channel') team.members.delete(conversations.me.id)
    else server.scopes.delete('channels:history')
    server.faults.push({ kind: 'cut-after', times: 1, method: 'chat.postMessage' })
    await expect(say('Hello.')).rejects.toMatchObject({ kind: 'unknown', forGood: false })
    await expect(say('Hello.')).rejects.toMatchObject({ kind: 'unknown', forGood: true })
    expect(conversations.in(team).map(onScreen)).toEqual(['Hello.\n'])
  },
)

test('what the bot does is shown below a thread, until it does nothing any more', async () => {
  const { server, team, transport, say } = await openBot()
  const thread = (await say('A question.')).messageId.split('/')[1] ?? ''
  const place = { transport: 'slack', room: team.id, thread }
  const shown = transport.typing(place, true)
  const key = `${team.id}/${thread}`
  await eventually(() => expect(server.statuses.get(key)).toBe('is at work …'))
  await transport.typing(place, false)
  await shown
  expect(server.statuses.get(key)).toBe('')
})

test('a token that is revoked ends the connection for good, whoever notices it', async () => {
  const noticed = await openBot()
  noticed.server.tells({ type: 'tokens_revoked', event_ts: '1.0' })
  const speaking = await openBot()
  speaking.server.revoke()
  await expect(speaking.say('Hello.')).rejects.toMatchObject({ kind: 'refused' })
  for (const { ended } of [noticed, speaking]) {
    const failure = await ended
    expect(failure).toBeInstanceOf(ConnectionFailure)
    expect(failure).toMatchObject({ kind: 'refused', message: expect.stringMatching(/bot\.toml/) })
  }
})

test('Socket Mode that is switched off ends the connection for good', async () => {
  const { server, ended } = await openBot()
  server.socketMode.refresh('link_disabled')
  expect(await ended).toMatchObject({
    kind: 'refused',
    message: expect.stringMatching(/Socket Mode/),
  })
})

test('a message that is gone is followed by a new one where it was to be changed', async () => {
  const { transport, team, conversations, say } = await openBot()
  const { messageId } = await say('It is running.')
  await transport.delete({ transport: 'slack', room: team.id }, messageId)
  const [part] = transport.parts({
    transport: 'slack',
    room: team.id,
    id: 'm-2',
    text: 'It is done.',
  })
  const receipt = part && (await transport.edit(messageId, part, never))
  expect(receipt?.messageId).not.toBe(messageId)
  expect(conversations.in(team).map(onScreen).join()).toContain('It is done.')
})

test('messages are changed no oftener than Slack takes it, and others are sent meanwhile', async () => {
  const { server, clock, say, transport, team, direct } = await openBot({}, true)
  const { messageId } = await say('0')
  const change = (text: string) => {
    const [part] = transport.parts({ transport: 'slack', room: team.id, id: 'm-0', text })
    return part && transport.edit(messageId, part, never)
  }
  for (let count = 1; count <= 50; count++) await change(String(count))
  await expect(change('51')).rejects.toMatchObject({
    ...{ kind: 'rate-limited', until: clock.now() + 60_000 },
  })
  await say('Elsewhere.', direct.id)
  clock.advance(60_000)
  await change('51')
  expect(server.limits?.refused).toBe(0)
})

test('a channel that Slack limits has to wait for as long as Slack says', async () => {
  const { clock, say, direct } = await openBot({}, true)
  await say('One.')
  const failure = await say('Two.').catch((error: unknown) => error)
  expect(failure).toMatchObject({ kind: 'rate-limited', until: clock.now() + 1000 })
  await say('Elsewhere.', direct.id)
  clock.advance(1000)
  await say('Two.')
})
