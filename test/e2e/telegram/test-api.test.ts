import { once } from 'node:events'
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js'
import { expect, onTestFinished, test } from 'vitest'
import { makeSample } from '../../../src/projects/sample.ts'
import { cleanEnvironment, Program } from '../../support/program.ts'

const token = '666:secret'
const patience = { timeout: 30_000, interval: 50 }

/** What telegram-test-api does not know, and what Telegram would answer. */
const unknownThere: Readonly<Record<string, unknown>> = {
  getWebhookInfo: { url: '', pending_update_count: 0 },
  setMyCommands: true,
  sendChatAction: true,
}

test('The same story is told on a server that was written by others.', async () => {
  const api = new TelegramServer({ port: await freePort(), host: '127.0.0.1' })
  await api.start()
  onTestFinished(() => void api.stop())
  await serve(await inFrontOf(api.config.apiURL))
  const anna = api.getClient(token, { userId: 1001, chatId: 1001, firstName: 'Anna' })
  const say = (text: string) => anna.sendMessage(anna.makeMessage(text))
  const said = () => api.storage.botMessages.map(({ message }) => message)
  const last = () => said().at(-1)?.text ?? ''

  await say('story Add a greeting')
  await expect.poll(last, patience).toContain('Item 1 is in the backlog')
  await anna.sendCommand(anna.makeCommand('/status'))
  await expect.poll(last, patience).toMatch(/#1.*Add a greeting/)
  await say('when 1 done: status 1')
  await say('start 1')
  await expect.poll(last, patience).toMatch(/#1.*Add a greeting.*done/s)
  await say('spike Look around')
  await say('delete 2')
  const keyboard = () => said().at(-1)?.reply_markup
  await expect.poll(keyboard, patience).toBeDefined()
  const [[button] = []] = (keyboard() as Keyboard).inline_keyboard
  const query = anna.makeCallbackQuery(button?.callback_data ?? '')
  await anna.sendCallback({ ...query, message: { ...query.message, message_id: 1 } })
  await expect.poll(last, patience).toMatch(/deleted/i)
})

interface Keyboard {
  readonly inline_keyboard: readonly (readonly { readonly callback_data: string }[])[]
}

/** Starts the program on the sample. */
async function serve(apiRoot: string): Promise<void> {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'telegram-'))
  const root = join(folder.path, 'project')
  await makeSample(root, cleanEnvironment(folder.path))
  mkdirSync(join(folder.path, 'secrets'), { mode: 0o700 })
  const file = join(folder.path, 'secrets', 'token')
  writeFileSync(file, token, { mode: 0o600 })
  writeFileSync(
    join(root, '.huskies', 'bot.toml'),
    `[access]
admins = ["telegram:1001"]

[telegram]
token_file = "${file}"
api_root = "${apiRoot}"
`,
  )
  const program = new Program(['start'], { cwd: root })
  onTestFinished(async () => {
    program.child.kill('SIGTERM')
    await program.ended
    folder[Symbol.dispose]()
  })
}

/** Answers what the server does not know, and lets a poll wait a moment, as Telegram does. */
async function inFrontOf(target: string): Promise<string> {
  const front = createServer((request, response) => void pass(target, request, response))
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  onTestFinished(() => {
    front.closeAllConnections()
    front.close()
  })
  return `http://127.0.0.1:${(front.address() as AddressInfo).port}`
}

async function pass(target: string, request: IncomingMessage, response: ServerResponse) {
  const method = /[^/?]+(?=$|\?)/.exec(request.url ?? '')?.[0] ?? ''
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const known = unknownThere[method]
  if (method === 'getUpdates') await pause(100)
  const answer =
    known === undefined
      ? await fetch(target + request.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: Buffer.concat(chunks),
        }).then((each) => each.text())
      : JSON.stringify({ ok: true, result: known })
  response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
