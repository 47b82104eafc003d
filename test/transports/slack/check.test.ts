import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkSlack } from '../../../src/transports/slack/check.ts'
import { slackSettings } from '../../../src/transports/slack/settings.ts'
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
  return { server, write, check: () => checkSlack(settings, { folder: folder.path, env: {} }) }
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
  expect(server.socketMode.connections).toBe(0)
})

test.each(['bot', 'app'])('of a wrong %s token a person reads where to get it', async (which) => {
  const { write, check } = await open()
  write(which, 'xoxb-wrong')
  await expect(check()).rejects.toMatchObject({
    code: 'refused-credentials',
    message: expect.stringContaining(`the ${which} token`),
  })
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
