import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { Delivery } from '../../../src/bot/delivery.ts'
import { StoredOutbox } from '../../../src/bot/outbox.ts'
import { silentLog as log } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { Supervisor } from '../../../src/transports/supervisor.ts'
import { TelegramTransport } from '../../../src/transports/telegram/telegram-transport.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'
import { until } from '../../support/until.ts'

/** The whole way from the outbox to a server that enforces Telegram's limits, on virtual time. */
async function world() {
  const clock = new FakeClock(1_700_000_000_000)
  const server = await TelegramServer.start({ clock, limited: true })
  const store = Store.open(':memory:')
  migrate(store, 0)
  const outbox = new StoredOutbox(store, clock)
  const parts = { store, outbox, clock, log, random: () => 0.5 }
  const transport = new TelegramTransport({
    ...{ token: server.token, apiRoot: server.url, clock, log, store },
    commands: () => [],
  })
  const supervisor = new Supervisor([transport], { ...parts, tell: () => {}, heard: () => {} })
  const delivery = new Delivery({ ...parts, couriers: supervisor.links })
  const ignore = async () => {}
  supervisor.start({ receive: ignore, edit: ignore, remove: ignore, choose: ignore })
  delivery.start()
  onTestFinished(async () => {
    await delivery.stop()
    await supervisor.stop()
    await server[Symbol.asyncDispose]()
  })
  await until(() => server.polled, 'it polls')
  const say = (room: number, text: string) =>
    store.transaction(() => outbox.enqueue({ transport: 'telegram', room: String(room), text }))
  /** Lets time pass in small steps, as fast as the server answers, until all is sent. */
  const sent = async () => {
    const began = clock.now()
    while (!delivery.idle) {
      const before = server.calls.get('sendMessage') ?? 0
      await pause(2)
      if ((server.calls.get('sendMessage') ?? 0) === before) clock.advance(50)
    }
    return clock.now() - began
  }
  const texts = (room: number) => server.chats.in(room).map(({ text }) => text)
  return { clock, server, say, sent, texts }
}

test('L59: a flood to many chats is told to wait by nobody, stays in order, and takes as long as it must', async () => {
  const { server, say, sent, texts } = await world()
  const people = Array.from({ length: 12 }, (_, number) => server.chats.person(`P${number}`).id)
  for (let number = 0; number < 8; number++)
    for (const person of people) say(person, `message ${number}`)
  const tookMs = await sent()
  expect(server.limits?.refused).toBe(0)
  for (const person of people)
    expect(texts(person)).toEqual(Array.from({ length: 8 }, (_, number) => `message ${number}`))
  // One a second in each chat: seven seconds lie between the first and the eighth.
  expect(tookMs).toBeGreaterThanOrEqual(7000)
  expect(tookMs).toBeLessThan(9000)
})

test('a group gets twenty messages a minute, and a person beside it waits for none of them', async () => {
  const { clock, server, say, sent, texts } = await world()
  const group = server.chats.group('The team').id
  const anna = server.chats.person('Anna').id
  for (let number = 0; number < 25; number++) say(group, `message ${number}`)
  const flood = sent()
  await until(() => texts(group).length >= 20, 'the group has its twenty')
  const asked = clock.now()
  say(anna, 'hello')
  await until(() => texts(anna).length === 1, 'Anna has her answer')
  expect(clock.now() - asked).toBeLessThan(1000)
  expect(texts(group).length).toBeLessThan(25)
  await flood
  expect(texts(group)).toHaveLength(25)
  expect(server.limits?.refused).toBe(0)
})

test('where the network wants more patience than was expected, it has it, and nothing is lost or doubled', async () => {
  const { server, say, sent, texts } = await world()
  const anna = server.chats.person('Anna').id
  // Somebody else sends in the bot's name.
  server.limits?.count(anna)
  for (const text of ['one', 'two']) say(anna, text)
  await sent()
  expect(server.limits?.refused).toBe(1)
  expect(texts(anna)).toEqual(['one', 'two'])
})
