import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { OutgoingMessage } from '../../../src/bot/message.ts'
import type { Link } from '../../../src/transports/link.ts'
import { type MatrixUser, Synapse } from '../../support/synapse/synapse.ts'
import { until } from '../../support/until.ts'
import { BotUnderTest } from './bot-under-test.ts'
import { PersonsRoom } from './room.ts'

let server: Synapse
let person: MatrixUser
let users = 0
const never = new AbortController().signal
const patience = { timeout: 20_000 }

beforeAll(async () => {
  server = await Synapse.start()
  person = await server.user('ann')
})
afterAll(() => server[Symbol.asyncDispose]())

/** A bot with an account of its own, and a direct room of the person with it, joined. */
async function acquainted() {
  users += 1
  const account = await server.user(`bot${users}`)
  const bot = new BotUnderTest({ homeserver: server.url, token: account.token })
  onTestFinished(() => bot[Symbol.asyncDispose]())
  bot.allowed.add(`matrix:${person.id}`)
  const link = await bot.start()
  const room = await PersonsRoom.make(server, person, [account.id])
  await expect.poll(() => room.members(), patience).toContain(account.id)
  return { account, bot, link, room }
}

async function send(link: Link, message: OutgoingMessage): Promise<string> {
  let last = ''
  for (const part of link.parts(message)) last = (await link.send(part, never)).messageId
  return last
}

test('What is said in a direct room arrives with its sender, and what is answered is seen as HTML.', async () => {
  const { account, bot, link, room } = await acquainted()
  const eventId = await room.says('story Add a greeting')
  await until(() => bot.received.length > 0, 'the message has come')
  expect(bot.received).toEqual([
    {
      ...room.place,
      eventId,
      sender: { id: `matrix:${person.id}`, name: 'ann' },
      text: 'story Add a greeting',
      direct: true,
      addressed: false,
      at: expect.any(Number),
    },
  ])
  await send(link, {
    ...room.place,
    id: 'o1',
    text: 'Item **1** is in the backlog.',
    replyTo: eventId,
  })
  const answer = (await room.events()).at(-1)
  expect(answer).toMatchObject({
    sender: account.id,
    content: {
      msgtype: 'm.notice',
      body: 'Item 1 is in the backlog.',
      formatted_body: '<p>Item <strong>1</strong> is in the backlog.</p>',
      'm.relates_to': { 'm.in_reply_to': { event_id: eventId } },
    },
  })
})

test('L59: what was said while the bot was away is read when it comes back, all of it, in order, once.', async () => {
  const { bot, room } = await acquainted()
  await room.says('before')
  await until(() => bot.received.length === 1, 'the first message has come')
  await bot.stop()
  // The server answers with 50 of them, and the bot asks for the others a hundred at a time.
  const said = Array.from({ length: 155 }, (_, number) => `message ${number}`)
  for (const text of said) await room.says(text)
  await bot.start()
  await until(() => bot.received.length > said.length, 'all have come')
  await room.says('after')
  await until(() => bot.received.at(-1)?.text === 'after', 'the last message has come')
  expect(bot.received.map(({ text }) => text)).toEqual(['before', ...said, 'after'])
})

test('A message that could not be stored comes again, and nothing after it is lost.', async () => {
  const { bot, room } = await acquainted()
  let failures = 1
  bot.beforeReceipt = async () => {
    if (failures-- > 0) throw new Error('the disk is full')
  }
  await room.says('one')
  await room.says('two')
  await until(() => bot.received.length >= 2, 'both have come', 30_000)
  expect([...new Set(bot.received.map(({ text }) => text))]).toEqual(['one', 'two'])
})

test('Killed in its first moments, it still hears what it was told in the room that it had followed into.', async () => {
  const account = await server.user('hasty')
  const bot = new BotUnderTest({ homeserver: server.url, token: account.token })
  onTestFinished(() => bot[Symbol.asyncDispose]())
  bot.allowed.add(`matrix:${person.id}`)
  await bot.start()
  const room = await PersonsRoom.make(server, person, [account.id])
  await room.says('before it came')
  await expect.poll(() => room.members(), patience).toContain(account.id)
  bot.forgetsHowFarItRead()
  await bot.stop()
  const said = Array.from({ length: 52 }, (_, number) => `message ${number}`)
  for (const text of said) await room.says(text)
  await bot.start()
  await until(() => bot.received.length >= said.length, 'all have come')
  expect(bot.received.map(({ text }) => text)).toEqual(said)
})

test('Called otherwise meanwhile, it hears also what was said before that.', async () => {
  const { account, bot, room } = await acquainted()
  await bot.stop()
  await room.says('before')
  const path = `/_matrix/client/v3/profile/${encodeURIComponent(account.id)}/displayname`
  await server.request('PUT', path, { displayname: 'Rex' }, account.token)
  await room.says('after')
  await bot.start()
  await until(() => bot.received.at(-1)?.text === 'after', 'the last message has come')
  expect(bot.received.map(({ text }) => text)).toEqual(['before', 'after'])
})

test('Nothing said before the bot was set up is a request.', async () => {
  const account = await server.user('latecomer')
  const room = await PersonsRoom.make(server, person, [account.id])
  await server.request(
    'POST',
    `/_matrix/client/v3/join/${encodeURIComponent(room.id)}`,
    {},
    account.token,
  )
  await room.says('delete 1')
  const bot = new BotUnderTest({ homeserver: server.url, token: account.token })
  onTestFinished(() => bot[Symbol.asyncDispose]())
  await bot.start()
  await room.says('status')
  await until(() => bot.received.length > 0, 'the message has come')
  expect(bot.received.map(({ text }) => text)).toEqual(['status'])
})

test('In a room with others a mention, a pill or a reply to the bot is for the bot.', async () => {
  const { account, bot, link, room } = await acquainted()
  const other = await server.user(`other${users}`)
  await room.invites(other.id)
  await server.request(
    'POST',
    `/_matrix/client/v3/join/${encodeURIComponent(room.id)}`,
    {},
    other.token,
  )
  const own = await send(link, { ...room.place, id: 'o1', text: 'Hello.' })
  await room.says('prose')
  await room.says('Huskies: status', { 'm.mentions': { user_ids: [account.id] } })
  await room.says('bot: help', {
    format: 'org.matrix.custom.html',
    formatted_body: `<a href="https://matrix.to/#/${account.id}">bot</a>: help`,
  })
  await room.says('> <@bot> Hello.\n\nlist', {
    'm.relates_to': { 'm.in_reply_to': { event_id: own } },
  })
  await until(() => bot.received.length === 4, 'all have come')
  expect(bot.received.map(({ text, direct, addressed }) => [text, direct, addressed])).toEqual([
    ['prose', false, false],
    ['Huskies: status', false, true],
    ['bot: help', false, true],
    ['list', false, true],
  ])
})

test('Edits, deletions and threads are what they are; notices and the bot itself are not heard.', async () => {
  const { bot, link, room } = await acquainted()
  const first = await room.says('stauts')
  await room.says('* status', {
    'm.new_content': { msgtype: 'm.text', body: 'status' },
    'm.relates_to': { rel_type: 'm.replace', event_id: first },
  })
  await room.removes(first)
  await room.says('from a bot', { msgtype: 'm.notice' })
  await room.says('in the thread', {
    'm.relates_to': {
      rel_type: 'm.thread',
      event_id: first,
      is_falling_back: true,
      'm.in_reply_to': { event_id: first },
    },
  })
  await until(() => bot.received.length === 2, 'the thread has come')
  expect(bot.edits).toEqual([{ place: room.place, eventId: first, text: 'status' }])
  expect(bot.removals).toEqual([first])
  expect(bot.received.at(-1)).toMatchObject({ text: 'in the thread', thread: first })
  const inThread = bot.received.at(-1)?.eventId ?? ''
  await room.edits(inThread, 'in it')
  await room.removes(inThread)
  await until(() => bot.removals.length === 2, 'both have come')
  const thread = { ...room.place, thread: first }
  expect(bot.edits.at(-1)).toEqual({ place: thread, eventId: inThread, text: 'in it' })
  await send(link, { ...thread, id: 'o1', text: 'In it too.' })
  expect((await room.events()).at(-1)?.content).toMatchObject({
    'm.relates_to': { rel_type: 'm.thread', event_id: first },
  })
  expect(bot.received).toHaveLength(2)
})

test('A choice is made by tapping a reaction.', async () => {
  const { bot, link, room } = await acquainted()
  const choices = [{ label: 'Delete it' }, { label: 'Keep it' }]
  const asked = await send(link, { ...room.place, id: 'o7', text: 'Delete item 3?', choices })
  expect(await room.heard()).toEqual(['Delete item 3?\n\n1️⃣ Delete it\n2️⃣ Keep it'])
  const offered = (await room.events()).filter(({ type }) => type === 'm.reaction')
  expect(offered).toHaveLength(2)
  await room.puts('m.reaction', {
    'm.relates_to': { rel_type: 'm.annotation', event_id: asked, key: '2️⃣' },
  })
  await until(() => bot.presses.length > 0, 'the choice has come')
  expect(bot.presses).toMatchObject([{ message: 'o7', choice: 1, direct: true }])
})

test('A file that is sent can be fetched, with what was said of it.', async () => {
  const { bot, link, room } = await acquainted()
  const url = await server.upload('a picture', person.token)
  await room.says('the login page', { msgtype: 'm.image', filename: 'login.png', url })
  await room.says('plain.txt', { msgtype: 'm.file', url })
  await until(() => bot.received.length === 2, 'both have come')
  expect(bot.received.map(({ text, files }) => [text, files])).toEqual([
    ['the login page', [{ name: 'login.png', ref: url }]],
    ['', [{ name: 'plain.txt', ref: url }]],
  ])
  expect(Buffer.from(await link.fetch({ name: 'login.png', ref: url }, never)).toString()).toBe(
    'a picture',
  )
  await expect(link.fetch({ name: 'x', ref: 'mxc://localhost/none' }, never)).rejects.toThrow(
    'the server does not give it',
  )
})

test('A message is edited, answered with an emoji and taken back.', async () => {
  const { link, room, bot } = await acquainted()
  const said = await room.says('status')
  await until(() => bot.received.length > 0, 'the message has come')
  const sent = await send(link, { ...room.place, id: 'o1', text: 'It is running.' })
  const [part] = link.parts({ ...room.place, id: 'o2', text: 'It is done.' })
  if (!part) throw new Error('nothing to send')
  await link.edit(sent, part, never)
  expect((await room.events()).at(-1)?.content).toMatchObject({
    body: '* It is done.',
    'm.new_content': { body: 'It is done.' },
    'm.relates_to': { rel_type: 'm.replace', event_id: sent },
  })
  expect(said).not.toBe(sent)
})

test('The same message sent twice is one.', async () => {
  const { link, room, bot } = await acquainted()
  const message = { ...room.place, id: 'o1', text: 'Only once.' }
  const first = await send(link, message)
  expect(await send(link, message)).toBe(first)
  expect(await room.heard()).toEqual(['Only once.'])
  expect(bot.received).toEqual([])
})

test('A send that another device began is looked for in the room before it is repeated.', async () => {
  const { account, link, room, bot } = await acquainted()
  const message = { ...room.place, id: 'o1', text: 'Only once.' }
  const first = await send(link, message)
  await bot.stop()
  const anew = new BotUnderTest({
    homeserver: server.url,
    user: account.id,
    password: account.password,
  })
  onTestFinished(() => anew[Symbol.asyncDispose]())
  const later = await anew.start()
  anew.remembersSend('o1', account.device)
  anew.remembersSend('o2', account.device)
  expect(await send(later, message)).toBe(first)
  await send(later, { ...message, id: 'o2', text: 'Never sent before.' })
  expect(await room.heard()).toEqual(['Only once.', 'Never sent before.'])
})

test('A stranger who invites the bot to a room of two is heard once, and to a bigger one not at all.', async () => {
  const { account, bot } = await acquainted()
  const stranger = await server.user(`stranger${users}`)
  const direct = await PersonsRoom.make(server, stranger, [account.id])
  const group = await PersonsRoom.make(server, stranger, [account.id], {})
  await until(() => bot.received.length > 0, 'the invitation was taken')
  expect(bot.received).toMatchObject([
    { ...direct.place, text: '', direct: true, sender: { id: `matrix:${stranger.id}` } },
  ])
  expect(await direct.members()).toContain(account.id)
  expect(await group.members()).not.toContain(account.id)
})

test('A server that restarts is found again, and nothing said meanwhile is lost.', async () => {
  const { bot, link, room } = await acquainted()
  await server.pause()
  await until(() => link.state.kind === 'lost', 'the loss was noticed', 60_000)
  await server.resume()
  await room.says('still there?')
  await until(() => bot.received.length > 0, 'the message has come', 60_000)
  expect(link.state.kind).toBe('connected')
})

test('A login that is not accepted is said in a sentence, and not tried again.', async () => {
  const bot = new BotUnderTest({ homeserver: server.url, token: 'wrong' })
  onTestFinished(() => bot[Symbol.asyncDispose]())
  const link = bot.begin()
  await until(() => link.state.kind === 'refused', 'the login was refused')
  expect(link.state).toMatchObject({ reason: expect.stringContaining('give it a new token') })
})

test('With a password the bot stays the same device over restarts.', async () => {
  const account = await server.user('pass')
  const { id: user, password } = account
  const bot = new BotUnderTest({ homeserver: server.url, user, password })
  onTestFinished(() => bot[Symbol.asyncDispose]())
  await bot.start()
  await bot.stop()
  await bot.start()
  const path = '/_matrix/client/v3/devices'
  const { devices } = await server.request<{ devices: unknown[] }>(
    'GET',
    path,
    undefined,
    account.token,
  )
  // That of the account's making, and the bot's.
  expect(devices).toHaveLength(2)
})

test('Two programs on one account notice each other.', async () => {
  const { account, link, room } = await acquainted()
  const second = new BotUnderTest({ homeserver: server.url, token: account.token })
  onTestFinished(() => second[Symbol.asyncDispose]())
  const other = await second.start()
  await send(link, { ...room.place, id: 'o1', text: 'I am the first.' })
  await until(() => other.state.kind === 'conflict', 'the other was noticed')
  expect(other.state).toMatchObject({ reason: expect.stringContaining('Another huskies') })
})
