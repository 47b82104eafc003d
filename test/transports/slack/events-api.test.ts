import { expect, onTestFinished, test, vi } from 'vitest'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { Hooks } from '../../../src/kernel/hooks.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { SlackTransport } from '../../../src/transports/slack/slack-transport.ts'
import { connect } from '../../support/connect.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { SlackServer } from '../../support/slack/slack-server.ts'

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 10_000, interval: 5 })

/** A bot that Slack calls; what Slack has to say, the tests hand in themselves. */
async function open(receive = async (_: IncomingMessage) => {}) {
  const clock = new FakeClock(1_700_000_000_000)
  const server = await SlackServer.start({ clock })
  const anna = server.conversations.person('Anna')
  const team = server.conversations.channel('team', [anna])
  const hooks = new Hooks()
  const { signingSecret } = server.http
  const transport = new SlackTransport({
    credentials: {
      ...{ botToken: server.botToken, apiRoot: server.url },
      ...{ signingSecret, url: 'https://bot.example.org/slack' },
    },
    ...{ store: memoryStore(), clock, log: silentLog, commands: () => [], hooks },
  })
  const connection = connect(transport, receive)
  onTestFinished(async () => {
    await connection.stop().catch(() => {})
    await server[Symbol.asyncDispose]()
  })
  await eventually(() => expect(hooks.find('slack')).toBeDefined())
  const post = ({ headers, body: text }: ReturnType<typeof server.http.requestOf>, more = {}) =>
    hooks.find('slack')?.answer({
      headers: { ...(headers as Record<string, string>), ...more },
      ...{ text, body: text.startsWith('{') ? JSON.parse(text) : undefined },
    })
  const sign = server.http.requestOf.bind(server.http)
  const message = {
    ...{ type: 'message', channel: team.id, user: anna.id, text: 'status' },
    ...{ ts: '1700000000.000100', event_ts: '1700000000.000100' },
  }
  const said = (retries = 0) => sign('events_api', { event_id: 'Ev1', event: message }, retries)
  return { clock, server, anna, team, hooks, connection, post, sign, said }
}

test('a call is answered only when what it tells is stored', async () => {
  const stored = Promise.withResolvers<void>()
  const { post, said } = await open(() => stored.promise)
  const answered = vi.fn()
  const posted = post(said())?.then(answered)
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(answered).not.toHaveBeenCalled()
  stored.resolve()
  await posted
  expect(answered).toHaveBeenCalledWith(200)
})

test('a call that Slack makes once more tells of the same event', async () => {
  const heard: string[] = []
  const { post, said, team } = await open(async ({ eventId }) => void heard.push(eventId))
  expect(await post(said())).toBe(200)
  expect(await post(said(1))).toBe(200)
  expect(new Set(heard)).toEqual(new Set([`${team.id}/1700000000.000100`]))
})

test.each([
  ['without a signature', { 'x-slack-signature': undefined }],
  ['with the signature of something else', { 'x-slack-signature': `v0=${'0'.repeat(64)}` }],
  ['with half a signature', { 'x-slack-signature': 'v0=00' }],
  ['with no hexadecimal signature', { 'x-slack-signature': 'v0=signed' }],
  ['without a time', { 'x-slack-request-timestamp': undefined }],
  ['with another time', { 'x-slack-request-timestamp': '1700000001' }],
  ['with a time that is none', { 'x-slack-request-timestamp': 'soon' }],
])('a call %s is refused, and nothing of it is heard', async (_, headers) => {
  const receive = vi.fn(async () => {})
  const { post, said } = await open(receive)
  expect(await post(said(), headers)).toBe(401)
  expect(receive).not.toHaveBeenCalled()
})

test('a call that somebody has recorded is refused when it is played again after five minutes', async () => {
  const { post, said, clock } = await open()
  const recorded = said()
  clock.advance(300_000)
  expect(await post(recorded)).toBe(200)
  clock.advance(1000)
  expect(await post(recorded)).toBe(401)
})

test('an address that is told to Slack proves to be the program’s', async () => {
  const { post, sign } = await open()
  const asked = sign('events_api', { type: 'url_verification', challenge: 'abc' })
  expect(await post(asked)).toEqual({ status: 200, body: { challenge: 'abc' } })
})

test('the slash command is answered with who is to see it', async () => {
  const heard: IncomingMessage[] = []
  const { post, sign, anna, team } = await open(async (message) => void heard.push(message))
  const typed = { command: '/huskies', text: 'status', user_id: anna.id, channel_id: team.id }
  expect(await post(sign('slash_commands', { ...typed, trigger_id: 't1' }))).toEqual({
    ...{ status: 200, body: { response_type: 'in_channel' } },
  })
  expect(heard).toMatchObject([{ text: 'status', sender: { name: 'Anna' } }])
})

test('what could not be stored when the program ends is to be told again', async () => {
  const { post, said, connection, hooks } = await open(() => new Promise(() => {}))
  const posted = post(said())
  await connection.stop()
  expect(await posted).toBe(503)
  expect(hooks.find('slack')).toBeUndefined()
})

test('a token that is revoked is noticed, although nobody calls', async () => {
  const { server, clock, connection } = await open()
  server.revoke()
  clock.advance(60_000)
  await expect(connection.ended).rejects.toMatchObject({ kind: 'refused' })
})
