import { once } from 'node:events'
import { mkdtempDisposableSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as soon } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { IncomingMessage as Message } from '../../../src/bot/message.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { Hooks } from '../../../src/kernel/hooks.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { HttpServer } from '../../../src/server/http-server.ts'
import { TelegramTransport } from '../../../src/transports/telegram/telegram-transport.ts'
import { connect } from '../../support/connect.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { TelegramServer } from '../../support/telegram/telegram-server.ts'

const eventually = (look: () => void) => vi.waitFor(look, { timeout: 10_000, interval: 5 })

/** How a proxy hands a call on. */
interface Manner {
  /** The name that it hands on, of those that Telegram and the program call each other by. */
  readonly host: (called: string, program: string) => string
  /** What becomes of the path. */
  readonly path: (path: string) => string
  /** It hands on each byte by itself, and does not say how many there will be. */
  readonly slow?: true
}

const rewritten = () => '/hooks/telegram'
const manners: Readonly<Record<string, Manner>> = {
  'keeps the name, as Caddy does': { host: (called) => called, path: rewritten },
  'keeps the name without its port': {
    host: (called) => called.replace(/:.*/, ''),
    path: rewritten,
  },
  'names the program, as nginx does': { host: (_, program) => program, path: rewritten },
  'cuts off its own prefix': {
    host: (called) => called,
    path: (path) => path.replace('/bots/shop', ''),
  },
  'hands on byte by byte': { host: (called) => called, path: rewritten, slow: true },
}

test.each(Object.entries(manners))(
  'behind a proxy that %s, what is said is heard, in its order',
  async (_, manner) => {
    const { server, anna, received } = await world(manner)
    const said = ['one', 'zwei 🐺', 'three', `long ${'x'.repeat(4000)}`]
    for (const text of said) server.says(anna, text)
    await eventually(() => expect(received.map(({ text }) => text)).toEqual(said))
    await eventually(() => expect(server.pending).toBe(0))
  },
)

test('what a proxy hands on to a wrong path is kept by Telegram, and comes when that is mended', async () => {
  const manner = { host: (called: string) => called, path: (path: string) => path }
  const mended = { ...manner, path: rewritten }
  const { server, anna, received, become } = await world(manner, '/elsewhere')
  server.says(anna, 'hello')
  await eventually(() => expect(server.webhook.info()).toHaveProperty('last_error_message'))
  expect(received).toEqual([])
  become(mended)
  await eventually(() => expect(received.map(({ text }) => text)).toEqual(['hello']))
})

/** Telegram, a proxy, and the program's own server with the transport. */
async function world(first: Manner, path = '/bots/shop/hooks/telegram') {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'proxied-'))
  const hooks = new Hooks()
  const http = await HttpServer.open({
    ...{ port: { wanted: 0, file: join(folder.path, 'port') }, hooks, version: '0.1.0' },
    ...{ clock: systemClock, log: silentLog, offeredTo: () => undefined, isReady: () => true },
  })
  let manner = first
  const proxy = createServer((call, answer) => void handOn(call, answer, http.port, manner))
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${path}`
  const server = await TelegramServer.start()
  const transport = new TelegramTransport({
    ...{ token: server.token, apiRoot: server.url, clock: systemClock, log: silentLog },
    ...{ store: memoryStore(), commands: () => [], webhook: { url, hooks } },
  })
  const received: Message[] = []
  const connection = connect(transport, async (message) => void received.push(message))
  onTestFinished(async () => {
    await connection.stop()
    await server[Symbol.asyncDispose]()
    proxy.closeAllConnections()
    proxy.close()
    await http.close()
    folder[Symbol.dispose]()
  })
  await eventually(() => expect(server.webhook.url).toBe(url))
  const become = (next: Manner) => {
    manner = next
  }
  return { server, anna: server.chats.person('Anna'), received, become }
}

async function handOn(
  call: IncomingMessage,
  answer: ServerResponse,
  port: number,
  { host, path, slow }: Manner,
): Promise<void> {
  const { 'content-length': length, ...kept } = call.headers
  const headers = {
    ...{ ...kept, host: host(call.headers.host ?? '', `127.0.0.1:${port}`) },
    ...{ 'x-forwarded-proto': 'https', 'x-forwarded-for': '149.154.160.1' },
    ...(!slow && { 'content-length': length }),
  }
  const onward = request({ port, method: 'POST', path: path(call.url ?? ''), headers })
  onward.on('response', (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers)
    given.pipe(answer)
  })
  for await (const chunk of call as AsyncIterable<Buffer>)
    for (let at = 0; at < chunk.length; at += slow ? 1 : chunk.length) {
      onward.write(chunk.subarray(at, slow ? at + 1 : undefined))
      if (slow) await soon()
    }
  onward.end()
}
