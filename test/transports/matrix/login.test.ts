import { once } from 'node:events'
import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MatrixLogin } from '../../../src/transports/matrix/login.ts'
import { FakeClock } from '../../support/fake-clock.ts'

/** Whatever answers at an address, and who logs in there. */
async function world(answers: (path: string) => { status: number; body: string }) {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'login-'))
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization ?? 'nobody')
    const { status, body } = answers(request.url ?? '')
    response.writeHead(status).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    folder[Symbol.dispose]()
  })
  const homeserver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const login = (given: { user?: string; password?: string; token?: string }) =>
    new MatrixLogin({ homeserver, ...given }, folder.path, new FakeClock()).session()
  return { asked, folder: folder.path, homeserver, login }
}

const account = (name: string) => ({
  status: 200,
  body: JSON.stringify({ user_id: `@${name}:e.org`, device_id: 'D', access_token: 't' }),
})

test.each([
  ['a page', { status: 200, body: '<!DOCTYPE html><p>Welcome' }],
  ['another service', { status: 200, body: '{"hello":"world"}' }],
  ['nothing', { status: 404, body: '<p>Not here' }],
  ['a path of the server', { status: 404, body: '{"errcode":"M_UNRECOGNIZED","error":"?"}' }],
])(
  'where there is %s instead of a server, that is said, and nothing is kept',
  async (_, answer) => {
    const { login, homeserver } = await world(() => answer)
    const failure = {
      kind: 'lost',
      message: expect.stringContaining(`There is no Matrix server at ${homeserver}`),
    }
    await expect(login({ user: 'bot', password: 'p' })).rejects.toMatchObject(failure)
    await expect(login({ token: 't' })).rejects.toMatchObject(failure)
    await expect(login({ user: 'bot', password: 'p' })).rejects.toMatchObject(failure)
  },
)

test('a login is kept for the account that was asked for, and for no other', async () => {
  let name = 'one'
  const { asked, login } = await world(() => account(name))
  await login({ user: 'one', password: 'p' })
  expect((await login({ user: 'one', password: 'p' })).user).toBe('@one:e.org')
  expect(asked).toEqual(['nobody'])
  name = 'two'
  expect((await login({ user: 'two', password: 'p' })).user).toBe('@two:e.org')
  expect(asked).toHaveLength(2)
})

test('a login whose file was cut off is made anew', async () => {
  const { asked, folder, login } = await world(() => account('one'))
  await login({ user: 'one', password: 'p' })
  const file = join(folder, 'session.json')
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20))
  expect((await login({ user: 'one', password: 'p' })).user).toBe('@one:e.org')
  expect(asked).toHaveLength(2)
})
