import { expect, onTestFinished, test, vi } from 'vitest'
import type { SendFailure } from '../../../src/bot/courier.ts'
import type { IncomingMessage, OutgoingMessage, Part } from '../../../src/bot/message.ts'
import { createLog, silentLog } from '../../../src/kernel/log.ts'
import { Supervisor } from '../../../src/transports/supervisor.ts'
import { TelegramTransport } from '../../../src/transports/telegram/telegram-transport.ts'
import { ConnectionFailure } from '../../../src/transports/transport.ts'
import { connect, sendWhole } from '../../support/connect.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { Refusal } from '../../support/telegram/refusal.ts'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'

const never = new AbortController().signal
const eventually = (look: () => void | Promise<void>) =>
  vi.waitFor(look, { timeout: 10_000, interval: 5 })

async function world(
  facts: { readonly token?: string; readonly commands?: readonly string[] } = {},
) {
  const clock = new FakeClock(1_700_000_000_000)
  const server = await TelegramServer.start({ clock })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const anna = server.chats.person('Anna')
  const team = server.chats.group('The team')
  const log: string[] = []
  const store = memoryStore()
  const next = () =>
    new TelegramTransport({
      ...{ token: facts.token ?? server.token, apiRoot: server.url, clock, store },
      log: createLog({ write: (line) => void log.push(line) }, 'debug'),
      commands: () =>
        (facts.commands ?? ['status']).map((name) => ({ name, summary: `Do ${name}` })),
    })
  const transport = next()
  const received: IncomingMessage[] = []
  const join = async () => {
    const connection = connect(transport, async (message) => void received.push(message))
    onTestFinished(async () => {
      await connection.stop().catch(() => {})
    })
    await eventually(() => expect(server.polled).toBe(true))
    return connection
  }
  const outgoing = (text: string, room: number, more: Partial<OutgoingMessage> = {}) => ({
    ...{ transport: 'telegram', room: String(room), id: 'lx3k9-1', text, ...more },
  })
  const say = (text: string, room: number, more?: Partial<OutgoingMessage>) =>
    sendWhole(transport, outgoing(text, room, more), never)
  return { clock, server, anna, team, log, transport, next, received, join, say, outgoing }
}

const asPlace = (id: number) => ({ transport: 'telegram', room: String(id) })

const failed = async (sending: Promise<unknown>) =>
  (await sending.then(
    () => ({ kind: 'sent' }),
    (error: SendFailure) => error,
  )) as SendFailure

test('the menu holds every command, spelled as Telegram wants it, and a hundred at most', async () => {
  const commands = ['release-notes', ...Array.from({ length: 120 }, (_, number) => `c${number}`)]
  const { server, join } = await world({ commands })
  await join()
  expect(server.menu.commands).toHaveLength(100)
  expect(server.menu.commands[0]).toEqual({
    command: 'release_notes',
    description: 'Do release-notes',
  })
})

test('where Telegram calls another program, that ends, since nothing could be polled', async () => {
  const { server, join } = await world()
  server.webhook.url = 'https://example.org/hook'
  await join()
  expect(server.webhook.url).toBe('')
})

test('bold, code and links are seen as such', async () => {
  const { server, anna, say } = await world()
  await say('**Done**: see `log` and [the page](https://example.org/?a=1&b=2).', anna.id)
  const [shown] = server.chats.in(anna.id)
  expect(shown?.text).toBe('Done: see log and the page.')
  expect(shown?.entities).toMatchObject([
    { tag: 'b', offset: 0, length: 4 },
    { tag: 'code', offset: 10, length: 3 },
    { tag: 'a', url: 'https://example.org/?a=1&b=2' },
  ])
})

test('markup that Telegram refuses is told as such, and the same goes through without it', async () => {
  const { server, anna, transport } = await world()
  const part: Part = {
    transport: 'telegram',
    room: String(anna.id),
    id: '1',
    text: 'a < b',
    formatted: 'a <x> b',
  }
  expect((await failed(transport.send(part, never))).kind).toBe('invalid')
  const { formatted: _, ...plain } = part
  await transport.send(plain, never)
  expect(server.chats.in(anna.id).map(({ text }) => text)).toEqual(['a < b'])
})

test('an answer points at what it answers, also where that is gone or was a press', async () => {
  const { server, anna, team, say } = await world()
  const question = server.says(anna, 'status', { chat: team })
  await say('one', team.id, { replyTo: `${team.id}/${question.message_id}` })
  await say('two', team.id, { replyTo: `${team.id}/999` })
  await say('three', team.id, { replyTo: `${team.id}/${question.message_id}/press-3` })
  const replies = server.chats
    .in(team.id)
    .slice(1)
    .map(({ replyTo }) => replyTo)
  expect(replies).toEqual([question.message_id, undefined, question.message_id])
})

test('a button holds the id of its message, however long its label is', async () => {
  const { server, anna, say } = await world()
  const label = 'Delete it and everything that belongs to it, the worktree and the timers too'
  await say('Sure?', anna.id, { id: 'mb0f7o8x-4294967296', choices: [{ label }, { label: 'No' }] })
  expect(server.chats.in(anna.id)[0]?.buttons).toEqual([
    { text: label, callback_data: 'mb0f7o8x-4294967296:0' },
    { text: 'No', callback_data: 'mb0f7o8x-4294967296:1' },
  ])
})

test('a press ends the waiting that the program of whoever pressed shows', async () => {
  const { server, anna, join, say } = await world()
  await join()
  await say('Sure?', anna.id, { choices: [{ label: 'Yes' }] })
  const [shown] = server.chats.in(anna.id)
  if (shown) server.presses(anna, shown, 'Yes')
  await eventually(() =>
    expect(server.notices.map(({ method }) => method)).toEqual(['answerCallbackQuery']),
  )
})

test('an edit that changes nothing has succeeded; one that cannot be made is a new message', async () => {
  const { server, anna, transport, outgoing, say } = await world()
  const { messageId } = await say('one', anna.id)
  const edit = async (id: string, text: string) => {
    const [part] = transport.parts(outgoing(text, anna.id))
    return part && (await transport.edit(id, part, never)).messageId
  }
  expect(await edit(messageId, 'one')).toBe(messageId)
  expect(await edit(messageId, 'two')).toBe(messageId)
  const replaced = await edit(`${anna.id}/999`, 'three')
  expect(replaced).not.toBe(messageId)
  expect(server.chats.in(anna.id).map(({ text }) => text)).toEqual(['two', 'three'])
})

test('a group that becomes a supergroup is written to under its new id', async () => {
  const { server, anna, say } = await world()
  const group = server.chats.group('Small', 'group')
  await say('before', group.id)
  const successor = server.migrates(group, anna)
  await say('after', group.id)
  await say('and after', group.id)
  const said = server.chats.in(successor.id).filter(({ from }) => from.is_bot)
  expect(said.map(({ text }) => text)).toEqual(['after', 'and after'])
  expect(server.calls.get('sendMessage')).toBe(4)
})

test('a group that has become a supergroup stays the room that it was, also for the next program', async () => {
  const { server, anna, say, join, received, transport, outgoing, next } = await world()
  const connection = await join()
  const group = server.chats.group('Small', 'group')
  const before = await say('before', group.id)
  server.says(anna, '/status', { chat: group })
  const successor = server.migrates(group, anna)
  const told = server.says(anna, '/status', { chat: successor })
  await eventually(() => expect(received).toHaveLength(2))
  await connection.stop()
  const room = String(group.id)
  expect(received.map((message) => message.room)).toEqual([room, room])
  expect(received[1]?.eventId).toBe(`${successor.id}/${told.message_id}`)

  const later = next()
  const [edit] = later.parts(outgoing('changed', group.id))
  // There the same number names another message, and what was said before cannot be changed any more.
  const edited = edit && (await later.edit(before.messageId, edit, never))
  expect(edited?.messageId).not.toBe(before.messageId)
  await later.send({ ...outgoing('answer', group.id), replyTo: received[1]?.eventId ?? '' }, never)
  await transport.react({ transport: 'telegram', room }, received[1]?.eventId ?? '', '👀')
  expect(told.reactions).toEqual(['👀'])
  const shown = server.chats.in(successor.id).filter(({ from }) => from.is_bot)
  expect(shown.map(({ text, replyTo }) => [text, replyTo])).toEqual([
    ['changed', undefined],
    ['answer', told.message_id],
  ])
})

test('a group is the same room by both of its ids, also where only the new one has told of it so far', async () => {
  const { server, anna, join, received, transport } = await world()
  await join()
  const group = server.chats.group('Small', 'group')
  const successor = server.migrates(group, anna, { told: 'there' })
  server.says(anna, '/status', { chat: successor })
  await eventually(() => expect(received).toHaveLength(1))
  expect(received[0]?.room).toBe(String(group.id))
  const { log, clock } = { log: silentLog, clock: new FakeClock(0) }
  const ignore = { tell: () => {}, heard: () => {}, random: () => 0 }
  const supervisor = new Supervisor([transport], { log, clock, ...ignore })
  const places = [group, successor, anna].map(({ id }) => asPlace(id))
  expect(supervisor.asHeard(places)).toEqual([asPlace(group.id), asPlace(anna.id)])
})

test.each([
  ['blocked', 403, 'forbidden'],
  ['kicked', 403, 'forbidden'],
  ['deactivated', 400, 'gone'],
] as const)('a chat where the bot is %s (%s) is %s', async (closed, _code, kind) => {
  const { team, say } = await world()
  team.closed = closed
  expect((await failed(say('hello', team.id))).kind).toBe(kind)
})

test.each([
  [new Refusal(400, 'Bad Request: chat not found'), 'gone'],
  [
    new Refusal(400, 'Bad Request: not enough rights to send text messages to the chat'),
    'forbidden',
  ],
  [new Refusal(400, 'Bad Request: TOPIC_CLOSED'), 'forbidden'],
  [new Refusal(400, 'Bad Request: message is too long'), 'invalid'],
  [new Refusal(401, 'Unauthorized'), 'refused'],
  [new Refusal(429, 'Too Many Requests: retry after 7', { retry_after: 7 }), 'rate-limited'],
  [new Refusal(502, 'Bad Gateway'), 'unknown'],
] as const)('"%s" is %s', async (refusal, kind) => {
  const { server, anna, say } = await world()
  server.faults.push({ kind: 'refuse', refusal })
  expect((await failed(say('hello', anna.id))).kind).toBe(kind)
})

test('a server that nobody could reach has not got the message; one that broke off may have', async () => {
  const { server, anna, say } = await world()
  server.faults.push({ kind: 'cut', times: 1 })
  expect((await failed(say('one', anna.id))).kind).toBe('unknown')
  await server.goDown()
  expect((await failed(say('two', anna.id))).kind).toBe('transient')
})

test('no error and no line of the log holds the token', async () => {
  const { server, anna, transport, log, join, say } = await world()
  const connection = await join()
  server.faults.push({ kind: 'cut', times: 1 })
  const cut = await failed(say('one', anna.id))
  await server.goDown()
  const lost = await connection.ended.catch((error: unknown) => error)
  const unreachable = await failed(say('two', anna.id))
  expect(lost).toBeInstanceOf(ConnectionFailure)
  const told = [cut, lost, unreachable].map(
    (error) => `${(error as Error).stack} ${JSON.stringify(error)} ${(error as Error).cause}`,
  )
  expect(`${told} ${log} ${JSON.stringify(transport.identity())}`).not.toContain(
    'secret-of-the-bot',
  )
})

test('a token that is not accepted is refused, and the sentence says where a new one comes from', async () => {
  const { transport } = await world({ token: '777:wrong' })
  await expect(connect(transport, async () => {}).ended).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('@BotFather'),
  })
})

test('that the bot is at work is shown again before it fades, until it is over', async () => {
  const { clock, server, anna, transport } = await world()
  const place = { transport: 'telegram', room: String(anna.id) }
  const shown = transport.typing(place, true)
  for (let times = 1; times <= 3; times++) {
    await eventually(() => expect(server.notices).toHaveLength(times))
    await eventually(() => expect(clock.pending).toBe(1))
    clock.advance(4500)
  }
  await eventually(() => expect(server.notices).toHaveLength(4))
  await transport.typing(place, false)
  await shown
  expect(clock.pending).toBe(0)
})

test('in a group the bot says what keeps it from hearing everything', async () => {
  const { server, anna, team, transport } = await world()
  const room = (id: number) => ({ transport: 'telegram', room: String(id) })
  expect(await transport.deafness(room(team.id))).toContain('/setprivacy')
  team.botIsAdmin = true
  expect(await transport.deafness(room(team.id))).toBeUndefined()
  expect(await transport.deafness(room(anna.id))).toBeUndefined()
  server.faults.push({ kind: 'refuse', method: 'getChatMember' })
  expect(await transport.deafness(room(team.id))).toBe(
    'Telegram does not say whether it lets me ("Internal Server Error").',
  )
})

test('a backlog of more than a hundred messages is caught up with before it is connected', async () => {
  const { server, anna, received, join } = await world()
  for (let number = 0; number < 250; number++) server.says(anna, `message ${number}`)
  await join()
  expect(received.map(({ text }) => text)).toEqual(
    Array.from({ length: 250 }, (_, number) => `message ${number}`),
  )
  expect(server.pending).toBe(0)
})

test('a file and a picture come with their words or without, and can be had', async () => {
  const { server, anna, transport, received, join } = await world()
  await join()
  const file = { name: 'trace.log', content: 'line 1' }
  server.says(anna, 'bug It crashes', { file })
  server.says(anna, '', { file: { name: 'ignored', content: 'pixels' }, picture: true })
  await eventually(() => expect(received).toHaveLength(2))
  expect(received.map(({ text, files }) => [text, files?.map(({ name }) => name)])).toEqual([
    ['bug It crashes', ['trace.log']],
    ['', ['picture.jpg']],
  ])
  const contents = received
    .flatMap(({ files }) => files ?? [])
    .map((one) => transport.fetch(one, never))
  expect((await Promise.all(contents)).map((content) => Buffer.from(content).toString())).toEqual([
    'line 1',
    'pixels',
  ])
})

test('a file that Telegram does not give is a sentence without the token', async () => {
  const { server, anna, transport, received, join } = await world()
  await join()
  server.says(anna, '', { file: { name: 'big', content: 'x'.repeat(20_000_001) } })
  await eventually(() => expect(received).toHaveLength(1))
  const [file] = received[0]?.files ?? []
  const told = file && (await failed(transport.fetch(file, never)))
  expect(told?.message).toBe('Telegram does not give it ("Bad Request: file is too big")')
})
