import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { Synapse } from '../../support/synapse/synapse.ts'
import { until } from '../../support/until.ts'
import { BotUnderTest } from './bot-under-test.ts'
import { Element } from './element.ts'
import { PersonsRoom } from './room.ts'

let server: Synapse
let people = 0
const never = new AbortController().signal

beforeAll(async () => {
  server = await Synapse.start()
})
afterAll(() => server[Symbol.asyncDispose]())

/** A person's program and a bot in an encrypted room of two. */
async function inSecret({ encryption }: { encryption: boolean }) {
  people += 1
  const person = await server.user(`ann${people}`)
  const account = await server.user(`bot${people}`)
  const bot = new BotUnderTest({ homeserver: server.url, token: account.token })
  bot.encryption = encryption
  bot.allowed.add(`matrix:${person.id}`)
  onTestFinished(() => bot[Symbol.asyncDispose]())
  const link = await bot.start()
  const element = await Element.open(server, person)
  onTestFinished(() => element[Symbol.asyncDispose]())
  const room = await element.makeRoom([account.id])
  await until(() => element.sees(room, account.id), 'the bot has joined', 30_000)
  const place = { transport: 'matrix', room }
  return { account, bot, link, element, person, place, room }
}

test('In an encrypted room both sides read each other, and the server sees nothing of it.', async () => {
  const { bot, link, element, place, room, account } = await inSecret({ encryption: true })
  await element.says(room, 'story: customers can pay by card')
  await until(() => bot.received.length > 0, 'the message has come', 30_000)
  expect(bot.received[0]).toMatchObject({ text: 'story: customers can pay by card', direct: true })
  for (const part of link.parts({ ...place, id: 'o1', text: 'Item **1** is in the backlog.' }))
    await link.send(part, never)
  await until(() => element.seen.some(({ sender }) => sender === account.id), 'seen', 30_000)
  expect(element.seen.at(-1)).toEqual({
    sender: account.id,
    type: 'm.room.encrypted',
    body: 'Item 1 is in the backlog.',
  })
})

test('After a restart the bot is the same device, and reads what was said meanwhile.', async () => {
  const { bot, element, room, place, account } = await inSecret({ encryption: true })
  await element.says(room, 'one')
  await until(() => bot.received.length === 1, 'the first message has come', 30_000)
  await bot.stop()
  await element.says(room, 'two')
  await element.says(room, 'three')
  const link = await bot.start()
  await until(() => bot.received.length === 3, 'all have come', 30_000)
  expect(bot.received.map(({ text }) => text)).toEqual(['one', 'two', 'three'])
  for (const part of link.parts({ ...place, id: 'o1', text: 'Still me.' }))
    await link.send(part, never)
  await until(() => element.seen.some(({ body }) => body === 'Still me.'), 'seen', 30_000)
  expect(element.seen.filter(({ sender }) => sender === account.id)).toHaveLength(1)
})

test('A send that was cut off is found in an encrypted room too.', async () => {
  const { bot, link, element, place } = await inSecret({ encryption: true })
  const [part] = link.parts({ ...place, id: 'o1', text: 'Only once.' })
  if (!part) throw new Error('nothing to send')
  const first = await link.send(part, never)
  bot.remembersSend('o1', 'a device of before')
  expect(await link.send(part, never)).toEqual(first)
  await until(() => element.seen.some(({ body }) => body === 'Only once.'), 'seen', 30_000)
})

test('A bot without encryption says so, once.', async () => {
  const { bot, element, room } = await inSecret({ encryption: false })
  await element.says(room, 'hello?')
  await element.says(room, 'hello!')
  const notices = () => element.seen.filter(({ body }) => body.includes('without encryption'))
  await until(() => notices().length > 0, 'the bot has said so', 30_000)
  await bot.stop()
  await bot.start()
  await element.says(room, 'and now?')
  await until(() => bot.states.at(-1)?.kind === 'connected', 'connected', 30_000)
  expect(notices()).toHaveLength(1)
  expect(bot.received).toEqual([])
})

test('Whose message cannot be read is asked once to say it again, and then it is never read.', async () => {
  const { bot, person, room, account } = await inSecret({ encryption: true })
  const plain = await PersonsRoom.make(server, person, [account.id])
  await expect.poll(() => plain.members(), { timeout: 20_000 }).toContain(account.id)
  const encrypted = plain.of(room)
  const unreadable = await encrypted.puts('m.room.encrypted', {
    algorithm: 'm.megolm.v1.aes-sha2',
    ciphertext: 'nobody has its key',
    session_id: 'unknown',
  })
  const hears = async (text: string) => {
    await plain.says(text)
    await until(() => bot.received.at(-1)?.text === text, 'it has come')
  }
  await hears('too early to ask')
  bot.aheadMs = 61_000
  await hears('late enough')
  await hears('and once is enough')
  const notices = (await encrypted.events()).filter(({ sender }) => sender === account.id)
  const answers = notices.filter(({ content }) => JSON.stringify(content).includes(unreadable))
  expect(answers).toHaveLength(1)
})

test('The longest part of any text can be sent in an encrypted room, and then be changed into another.', async () => {
  const { link, place, element } = await inSecret({ encryption: true })
  const texts = [
    'one word after the other, '.repeat(2000),
    '"So\\it\nis", 狼 said. '.repeat(2000),
    `\`\`\`\n${'\\a\n'.repeat(10_000)}\`\`\``,
    `| |\n|-|\n| ${'wide '.repeat(4000)} |`,
  ]
  for (const [index, text] of texts.entries()) {
    const [first, second] = link.parts({ ...place, id: `o${index}`, text })
    if (!first || !second) throw new Error('one part would be enough')
    const { messageId } = await link.send(first, never)
    await link.edit(messageId, second, never)
  }
  const changes = () => element.seen.filter(({ body }) => body.startsWith('* '))
  await until(() => changes().length === texts.length, 'the changes are seen', 30_000)
})
