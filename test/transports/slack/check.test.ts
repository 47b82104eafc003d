import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { acquireLock } from '../../../src/store/lock.ts'
import { checkSlack } from '../../../src/transports/slack/check.ts'
import { slackSettings } from '../../../src/transports/slack/settings.ts'
import { eventually } from '../../support/slack/bot.ts'
import { SlackServer } from '../../support/slack/slack-server.ts'

async function open() {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'slack-'))
  const server = await SlackServer.start()
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })
  const settings = slackSettings.parse({
    ...{ bot_token_file: 'bot', app_token_file: 'app', api_root: server.url },
  })
  const write = (name: string, secret: string) =>
    writeFileSync(join(folder.path, name), secret, { mode: 0o600 })
  write('bot', server.botToken)
  write('app', server.appToken)
  const world = { folder: folder.path, state: folder.path, env: {} }
  return { server, write, state: folder.path, check: () => checkSlack(settings, world) }
}

test('both tokens are used, and the bot’s name is told', async () => {
  const { server, check } = await open()
  expect(await check()).toBe('@huskies')
  expect(server.calls).toEqual(
    new Map([
      ['auth.test', 1],
      ['apps.connections.open', 1],
    ]),
  )
  await eventually(() => expect(server.socketMode.connections).toBe(0))
})

test.each(['bot', 'app'])('of a wrong %s token a person reads where to get it', async (which) => {
  const { write, check } = await open()
  write(which, which === 'bot' ? 'xoxb-wrong' : 'xapp-wrong')
  await expect(check()).rejects.toMatchObject({
    code: 'refused-credentials',
    message: expect.stringContaining(`the ${which} token`),
  })
})

test.each([
  ['the other one', 'bot', 'xapp-1', 'xoxb-'],
  ['quotes around it', 'bot', '"xoxb-1"', 'xoxb-'],
  ['another line', 'app', 'xapp-1\nxapp-2', 'xapp-'],
  ['letters that no token has', 'app', 'xapp-é', 'xapp-'],
])(
  'in the place of a token, %s is seen before anybody is asked',
  async (_, which, text, wanted) => {
    const { server, write, check } = await open()
    write(which, text)
    await expect(check()).rejects.toMatchObject({
      ...{ code: 'no-token', message: expect.stringContaining(`begins with ${wanted}`) },
    })
    expect(server.calls.size).toBe(0)
  },
)

test('another program that listens for the app is told of, and huskies itself is none', async () => {
  const { server, state, check } = await open()
  server.socketMode.addOther()
  server.socketMode.addOther()
  await expect(check()).rejects.toMatchObject({ code: 'other-listener' })
  const lock = acquireLock(join(state, 'lock'), { pid: process.pid, now: 0 })
  onTestFinished(() => lock.release())
  expect(await check()).toBe('@huskies')
  server.socketMode.addOther()
  await expect(check()).rejects.toMatchObject({ code: 'other-listener' })
})

test('a permission that the app lacks is named', async () => {
  const { server, check } = await open()
  server.scopes.delete('users:read')
  await expect(check()).rejects.toMatchObject({
    code: 'missing-scope',
    message: expect.stringContaining('The app lacks users:read:'),
  })
})

test('Slack that cannot be reached is told as such', async () => {
  const { server, check } = await open()
  await server.goDown()
  await expect(check()).rejects.toMatchObject({ code: 'no-connection' })
})
