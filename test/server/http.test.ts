import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type HookCall, Hooks } from '../../src/kernel/hooks.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { HttpServer } from '../../src/server/http-server.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { openToolDesk } from './tool-desk.ts'

test('the probes are free, and say what they are asked', async () => {
  const { port } = await openServer({ isReady: () => false })
  expect(await ask(port, '/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' })
  expect(await ask(port, '/readyz')).toMatchObject({ status: 503 })
})

test('everything else needs a token that is valid', async () => {
  const { port } = await openServer()
  for (const authorization of [undefined, 'Bearer wrong', 'Basic abc', `Bearer ${'x'.repeat(600)}`])
    expect(await ask(port, '/mcp', { authorization }, '{}')).toMatchObject({
      status: 401,
      body: expect.stringContaining('token'),
    })
})

test('there are no sessions: only POST is served, and nothing where there is nothing', async () => {
  const { port } = await openServer()
  expect(await ask(port, '/mcp')).toMatchObject({ status: 405 })
  expect(await ask(port, '/etc/passwd')).toMatchObject({ status: 404 })
})

test('a page that has its own name point at this machine gets nothing', async () => {
  const desk = await openToolDesk()
  const { port } = desk.server
  const { token } = desk.work()
  const authorization = `Bearer ${token}`
  for (const host of ['evil.example', `evil.example:${port}`, `127.0.0.1:${port + 1}`])
    expect(await ask(port, '/mcp', { host, authorization }, '{}')).toMatchObject({ status: 421 })
  expect(await ask(port, '/healthz', { host: 'evil.example' })).toMatchObject({ status: 421 })
  for (const origin of ['http://evil.example', 'null', `https://evil.example:${port}`])
    expect(await ask(port, '/mcp', { origin, authorization }, '{}')).toMatchObject({ status: 403 })
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    const origin = `http://${host}:${port}`
    const ours = await ask(port, '/healthz', { host: `${host}:${port}`, origin })
    expect(ours.status).toBe(200)
  }
})

test('a body that is too large, or is not JSON, is refused with a sentence', async () => {
  const desk = await openToolDesk()
  const { token } = desk.work()
  const post = (body: string) =>
    ask(desk.server.port, '/mcp', { authorization: `Bearer ${token}` }, body)
  expect(await post(`"${'x'.repeat(9 * 1024 * 1024)}"`)).toMatchObject({ status: 413 })
  expect(await post('{')).toMatchObject({ status: 400, body: expect.stringContaining('error') })
})

test('a network calls under the name that a proxy hands on, and only while it is connected', async () => {
  const { port, hooks } = await openServer()
  const call = (headers: Record<string, string>, name = 'telegram', body = '{"update_id":1}') =>
    ask(port, `/hooks/${name}`, headers, body)
  const proxied = { host: 'bot.example.org' }
  expect(await call(proxied)).toMatchObject({ status: 421 })
  expect(await call({})).toMatchObject({ status: 404 })
  const heard: unknown[] = []
  const close = hooks.open('telegram', {
    host: 'bot.example.org',
    answer: async ({ headers, body }) => {
      heard.push(body)
      if (headers['x-secret'] === 'broken') throw new Error('The disk is full.')
      return headers['x-secret'] === 'right' ? 200 : 401
    },
  })
  expect(await call({ ...proxied, 'x-secret': 'right' })).toMatchObject({ status: 200, body: '' })
  expect(await call({ 'x-secret': 'wrong' })).toMatchObject({ status: 401 })
  expect(await call({ 'x-secret': 'broken' })).toMatchObject({ status: 500 })
  expect(heard).toEqual([{ update_id: 1 }, { update_id: 1 }, { update_id: 1 }])
  expect(await call({ host: 'evil.example' })).toMatchObject({ status: 421 })
  expect(await call({ ...proxied, origin: 'https://evil.example' })).toMatchObject({ status: 403 })
  expect(await call({}, 'telegram', '{')).toMatchObject({ status: 400 })
  expect(await call(proxied, 'matrix')).toMatchObject({ status: 421 })
  expect(await call(proxied, 'telegram', `"${'x'.repeat(2 ** 20)}"`)).toMatchObject({ status: 413 })
  expect(await ask(port, '/healthz', proxied)).toMatchObject({ status: 421 })
  close()
  expect(await call({})).toMatchObject({ status: 404 })
})

test('a network has what it posts as it was posted, forms too, and may be answered with JSON', async () => {
  const { port, hooks } = await openServer()
  const heard: unknown[] = []
  const answer = async ({ body, text }: HookCall) => {
    heard.push([body, text])
    return { status: 200, body: { taken: true } }
  }
  hooks.open('slack', { host: 'bot.example.org', answer })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  expect(await ask(port, '/hooks/slack', form, 'a=%7B&b')).toMatchObject({
    status: 200,
    body: '{"taken":true}',
  })
  await ask(port, '/hooks/slack', {}, '{ "a": 1 }')
  expect(heard).toEqual([
    [undefined, 'a=%7B&b'],
    [{ a: 1 }, '{ "a": 1 }'],
  ])
  expect(await ask(port, '/hooks/slack', { 'content-type': 'text/plain' }, 'a')).toMatchObject({
    status: 415,
  })
})

test('several projects are served beside each other, each on the port that it had before', async () => {
  const one = await openServer({ wanted: undefined })
  const other = await openServer({ wanted: undefined })
  expect(other.port).not.toBe(one.port)
  await other.close()
  await one.close()
  // In the other order, and still as it was: agents that live on know it.
  const again = await openServer({ wanted: undefined, file: other.file })
  expect(again.port).toBe(other.port)
  expect(readFileSync(other.file, 'utf8')).toBe(`${other.port}\n`)
})

test('a port of the last start that somebody else has taken is replaced by another', async () => {
  const first = await openServer({ wanted: undefined })
  await first.close()
  await occupy(first.port)
  const next = await openServer({ wanted: undefined, file: first.file })
  expect(next.port).not.toBe(first.port)
  expect(await ask(next.port, '/healthz')).toMatchObject({ status: 200 })
})

test('a port of the settings that is taken is told in one sentence', async () => {
  const port = await occupy(0)
  await expect(openServer({ wanted: port })).rejects.toMatchObject({
    code: 'port-taken',
    message: `Port ${port} of this machine is in use by another program: end that, or name another port under [http] in bot.toml.`,
  })
})

async function openServer(
  options: { wanted?: number | undefined; file?: string; isReady?: () => boolean } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-http-'))
  const { file = join(folder, 'port'), isReady = () => true } = options
  const wanted = 'wanted' in options ? options.wanted : 0
  const hooks = new Hooks()
  const server = await HttpServer.open({
    ...{ port: { wanted, file }, offeredTo: () => undefined, isReady, version: '0.1.0' },
    ...{ clock: new FakeClock(), log: silentLog, hooks },
  })
  let open = true
  const close = async () => {
    if (open) await server.close()
    open = false
  }
  onTestFinished(async () => {
    await close()
    rmSync(folder, { recursive: true })
  })
  return { port: server.port, file, hooks, close }
}

/** Has somebody else listen there; returns the port. */
async function occupy(port: number): Promise<number> {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const address = other.address()
  return typeof address === 'object' && address ? address.port : port
}

/** A request whose headers are exactly these; a POST where it has a body. */
function ask(
  port: number,
  path: string,
  headers: Readonly<Record<string, string | undefined>> = {},
  body?: string,
): Promise<{ readonly status: number; readonly body: string }> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined)
  return new Promise((resolve, reject) => {
    const sent = request({
      ...{ host: '127.0.0.1', port, path, method: body === undefined ? 'GET' : 'POST' },
      headers: { 'content-type': 'application/json', ...Object.fromEntries(given) },
    })
    sent.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    // A server that has refused a body does not read the rest of it.
    sent.on('error', reject)
    sent.end(body)
  })
}
