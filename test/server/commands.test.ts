import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Access } from '../../src/bot/access.ts'
import { StoredInbox } from '../../src/bot/inbox.ts'
import { PersonCalls } from '../../src/bot/person-calls.ts'
import { Registry } from '../../src/bot/registry.ts'
import { Hooks } from '../../src/kernel/hooks.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { HttpServer } from '../../src/server/http-server.ts'
import { PersonTokens } from '../../src/server/person-tokens.ts'
import { openDesk } from '../commands/desk.ts'

/** A program of Anna's that calls commands over real HTTP, and one of Vera's, who may only look. */
async function openOffice() {
  const desk = openDesk()
  const { store, clock, outbox, commands } = desk
  const folder = mkdtempSync(join(tmpdir(), 'huskies-commands-'))
  const file = join(folder, 'tokens.json')
  const tokens = new PersonTokens(file)
  const calls = new PersonCalls({
    ...{ store, clock, outbox, inbox: new StoredInbox(store), random: Math.random },
    access: new Access({ admins: ['terminal:anna'], members: [], viewers: ['terminal:vera'] }),
    registry: new Registry(commands),
    place: { transport: 'terminal', room: 'main' },
  })
  const server = await HttpServer.open({
    ...{ port: { wanted: 0, file: join(folder, 'port') }, clock, log: silentLog, version: '1' },
    ...{ offeredTo: () => undefined, isReady: () => true, hooks: new Hooks() },
    people: {
      of: (token) => {
        const id = tokens.personOf(token)
        return id === undefined ? undefined : { id, name: id }
      },
      call: (person, call) => calls.run(person, call),
    },
  })
  onTestFinished(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })
  const anna = tokens.issue('terminal:anna', 1)
  return {
    ...{ ...desk, tokens, file, anna },
    vera: tokens.issue('terminal:vera', 2),
    async call(path: string, input: object = {}, token: string | undefined = anna.token) {
      const response = await fetch(`http://127.0.0.1:${server.port}/api/commands/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(input),
      })
      const body = (await response.json()) as { text?: string }
      return { status: response.status, ...body }
    },
  }
}

test("a command that a person's program calls is done in that person's name", async () => {
  const { call, pipeline } = await openOffice()
  expect(await call('story', { title: 'Greet', body: 'Politely.' })).toMatchObject({
    status: 200,
    text: expect.stringContaining('Item 1 is in the backlog'),
  })
  expect(pipeline.need(1)).toMatchObject({ body: 'Politely.', origin: { id: 'terminal:anna' } })
  expect((await call('status')).text).toContain('Greet')
})

test('what cannot be done is told with a status, a code and a sentence, and nothing has changed', async () => {
  const { call, vera, everything } = await openOffice()
  await call('story', { title: 'Greet' })
  const before = JSON.stringify(everything())
  const told = (status: number, code: string) => ({ status, code, error: expect.any(String) })
  expect(await call('dance')).toMatchObject(told(404, 'no-such-command'))
  expect(await call('start', { item: 'one' })).toMatchObject(told(400, 'bad-arguments'))
  expect(await call('start', { item: 7 })).toMatchObject(told(422, 'no-such-item'))
  expect(await call('start', { item: 1 }, vera.token)).toMatchObject(told(403, 'not-allowed'))
  expect((await call('status', {}, vera.token)).status).toBe(200)
  expect((await call('status', {}, 'wrong')).status).toBe(401)
  expect(JSON.stringify(everything())).toBe(before)
})

test('a command that asks first does nothing before it is called once more with a yes', async () => {
  const { call, pipeline } = await openOffice()
  await call('story', { title: 'Greet' })
  const asked = await call('delete', { item: 1 })
  expect(asked).toMatchObject({ status: 409, confirm: expect.any(String) })
  expect(pipeline.get(1)).toBeDefined()
  expect((await call('delete?confirm=yes', { item: 1 })).status).toBe(200)
  expect(pipeline.get(1)).toBeUndefined()
})

test('a token is kept as a hash, for its owner alone, and is worth nothing once it is taken back', async () => {
  const { call, tokens, file, anna, vera } = await openOffice()
  expect(readFileSync(file, 'utf8')).not.toContain(anna.token)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(tokens.all().map(({ person }) => person)).toEqual(['terminal:anna', 'terminal:vera'])
  tokens.revoke(anna.id)
  expect((await call('status')).status).toBe(401)
  expect((await call('status', {}, vera.token)).status).toBe(200)
  expect(() => tokens.revoke(anna.id)).toThrow(/There is no token/)
})

test('whoever is not served any more has no use of a token', async () => {
  const { call, tokens } = await openOffice()
  const { token } = tokens.issue('terminal:gone', 3)
  expect(await call('status', {}, token)).toMatchObject({ status: 403, code: 'not-allowed' })
})
