import { expect, onTestFinished, test, vi } from 'vitest'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { Hooks } from '../../../src/kernel/hooks.ts'
import { createLog } from '../../../src/kernel/log.ts'
import { TelegramTransport } from '../../../src/transports/telegram/telegram-transport.ts'
import { connect } from '../../support/connect.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'

const eventually = (look: () => void | Promise<void>) =>
  vi.waitFor(look, { timeout: 10_000, interval: 5 })

/** Nobody listens there: what Telegram has to say, these tests hand in themselves. */
const url = 'https://bot.example.org/telegram'

async function world() {
  const clock = new FakeClock(1_700_000_000_000)
  const server = await TelegramServer.start({ clock })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const calls: Record<string, unknown>[] = []
  const set = server.webhook.set.bind(server.webhook)
  // Telegram keeps what it would call with to itself.
  vi.spyOn(server.webhook, 'set').mockImplementation((parameters) => {
    calls.push(parameters)
    set(parameters)
  })
  vi.spyOn(server.webhook, 'wake').mockImplementation(() => {})
  const hooks = new Hooks()
  const log: string[] = []
  const received: IncomingMessage[] = []
  const transport = new TelegramTransport({
    ...{
      token: server.token,
      apiRoot: server.url,
      clock,
      store: memoryStore(),
      commands: () => [],
    },
    log: createLog({ write: (line) => void log.push(line) }, 'debug'),
    webhook: { url, hooks },
  })
  let full = false
  const connection = connect(transport, async (message) => {
    if (full) throw new Error('The disk is full.')
    received.push(message)
  })
  onTestFinished(() => connection.stop().catch(() => {}))
  await eventually(() => expect(calls).toHaveLength(1))
  const call = (secret: string | undefined, body: unknown) =>
    hooks.find('telegram')?.answer({
      headers: secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret },
      ...{ body, text: JSON.stringify(body) },
    })
  return {
    ...{ clock, server, hooks, log, received, connection, call, wanted: calls[0] ?? {} },
    fill: (isFull: boolean) => {
      full = isFull
    },
  }
}

const update = (text: string) => ({
  update_id: 1,
  message: {
    ...{ message_id: 1, date: 1, text, chat: { id: 5, type: 'private', first_name: 'Anna' } },
    from: { id: 5, is_bot: false, first_name: 'Anna' },
  },
})

test('Telegram is asked to call once at a time, with a secret that is new each time', async () => {
  const { wanted } = await world()
  expect(wanted).toMatchObject({ url, max_connections: 1 })
  expect(wanted.secret_token).toMatch(/^[\w-]{43}$/)
  expect((await world()).wanted.secret_token).not.toBe(wanted.secret_token)
})

test('only who knows the secret is heard', async () => {
  const { call, wanted, received } = await world()
  const secret = String(wanted.secret_token)
  for (const wrong of [undefined, '', 'x', secret.slice(1), `${secret}x`, secret.toUpperCase()])
    expect(await call(wrong, update('stolen'))).toBe(401)
  expect(received).toEqual([])
  expect(await call(secret, update('hello'))).toBe(200)
  expect(received.map(({ text }) => text)).toEqual(['hello'])
})

test('what could not be stored is not taken, and its error holds nothing but its reason', async () => {
  const { call, wanted, received, fill } = await world()
  const secret = String(wanted.secret_token)
  fill(true)
  const refused = await call(secret, update('hello'))?.catch((error: unknown) => error)
  expect(refused).toEqual(new Error('The disk is full.'))
  expect(Object.keys(refused as Error)).toEqual([])
  fill(false)
  expect(await call(secret, update('hello'))).toBe(200)
  expect(received).toHaveLength(1)
})

test('when the connection ends nobody is heard there, and Telegram keeps what it has to say', async () => {
  const { hooks, connection, server } = await world()
  await connection.stop()
  expect(hooks.find('telegram')).toBeUndefined()
  expect(server.webhook.url).toBe(url)
})

test('a proxy that does not hand anything on is told of, with what is to be done', async () => {
  const { clock, server, connection } = await world()
  const anna = server.chats.person('Anna')
  await eventually(() => expect(clock.pending).toBe(1))
  server.says(anna, 'hello')
  vi.spyOn(server.webhook, 'info').mockReturnValue({
    ...{ url, pending_update_count: 1, last_error_date: clock.now() / 1000 + 5 },
    last_error_message: 'Wrong response from the webhook: 502 Bad Gateway',
  })
  clock.advance(30_000)
  await expect(connection.ended).rejects.toMatchObject({
    kind: 'lost',
    message: expect.stringMatching(/502 Bad Gateway.*proxy.*\/hooks\/telegram/),
  })
})

test('another program that takes the bot over is noticed', async () => {
  const { clock, server, connection } = await world()
  await eventually(() => expect(clock.pending).toBe(1))
  server.webhook.end()
  clock.advance(30_000)
  await expect(connection.ended).rejects.toMatchObject({ kind: 'conflict' })
})

test('neither the token nor the secret is in the log', async () => {
  const { server, log, wanted, call } = await world()
  await call('wrong', update('x'))
  expect(log.join()).not.toContain(server.token)
  expect(log.join()).not.toContain(wanted.secret_token)
})
