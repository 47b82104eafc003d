import { mkdirSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSample } from '../../../src/projects/sample.ts'
import { cleanEnvironment, Program } from '../../support/program.ts'
import { Synapse } from '../../support/synapse/synapse.ts'
import { Element } from './element.ts'
import { PersonsRoom } from './room.ts'

const patience = { timeout: 40_000, interval: 100 }
let server: Synapse
let people = 0

beforeAll(async () => {
  server = await Synapse.start()
})
afterAll(() => server[Symbol.asyncDispose]())

/** The whole program on a sample project, with an account on the server, and a person that it serves. */
async function served() {
  people += 1
  const folder = mkdtempDisposableSync(join(tmpdir(), 'matrix-'))
  const person = await server.user(`ann${people}`)
  const account = await server.user(`huskies${people}`)
  const root = join(folder.path, 'project')
  await makeSample(root, cleanEnvironment(folder.path))
  mkdirSync(join(folder.path, 'secrets'), { mode: 0o700 })
  const password = join(folder.path, 'secrets', 'password')
  writeFileSync(password, `${account.password}\n`, { mode: 0o600 })
  writeFileSync(
    join(root, '.huskies', 'bot.toml'),
    `[access]
admins = ["matrix:${person.id}"]

[matrix]
homeserver = "${server.url}"
user = "${account.id}"
password_file = "${password}"
`,
  )
  const log = () => readFileSync(join(root, '.huskies', 'state', 'huskies.log'), 'utf8')
  let program = new Program(['start'], { cwd: root })
  return {
    ...{ person, account, root, log },
    async killed() {
      program.child.kill('SIGKILL')
      await program.ended
    },
    restarted() {
      program = new Program(['start'], { cwd: root })
    },
    async [Symbol.asyncDispose]() {
      program.child.kill('SIGTERM')
      await program.ended
      folder[Symbol.dispose]()
    },
  }
}

test('A person makes an item, starts it, and sees it land; a deletion is confirmed by a reaction.', async () => {
  await using world = await served()
  const { person, account } = world
  const room = await PersonsRoom.make(server, person, [account.id])
  await expect.poll(() => room.members(), patience).toContain(account.id)
  const last = async () => (await room.heard()).at(-1)
  await room.says('story Add a greeting')
  await expect.poll(last, patience).toContain('Item 1 is in the backlog')
  await room.says('when 1 done: status 1')
  await room.says('start 1')
  await expect.poll(last, patience).toMatch(/^#1 Add a greeting.*done/s)
  await room.says('spike Look around')
  await room.says('delete 2')
  await expect.poll(last, patience).toContain('1️⃣')
  const question = (await room.events()).findLast(({ type }) => type === 'm.room.message')
  await room.puts('m.reaction', {
    'm.relates_to': { rel_type: 'm.annotation', event_id: question?.event_id, key: '1️⃣' },
  })
  await expect.poll(last, patience).toMatch(/deleted/i)
  expect(world.log()).not.toContain(account.password)
})

test('Killed again and again while it is spoken to, it answers everything once, also in an encrypted room.', async () => {
  await using world = await served()
  const { person, account } = world
  await using element = await Element.open(server, person)
  const room = await element.makeRoom([account.id])
  await expect.poll(() => element.sees(room, account.id), patience).toBe(true)
  const answers = () =>
    element.seen.filter(({ sender }) => sender === account.id).map(({ body }) => body)
  for (const round of [1, 2, 3, 4]) {
    await element.says(room, `story Number ${round}`)
    if (round === 2) await expect.poll(answers, patience).toHaveLength(round)
    await world.killed()
    await element.says(room, `show ${round}`)
    world.restarted()
  }
  await expect.poll(() => answers().length, patience).toBe(8)
  const made = answers().filter((text) => text.includes('is in the backlog'))
  expect(made.map((text) => /\d+/.exec(text)?.[0])).toEqual(['1', '2', '3', '4'])
})
