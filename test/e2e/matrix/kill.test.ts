import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seeded } from '../../support/seeded.ts'
import { FaultyProxy } from '../../support/synapse/proxy.ts'
import { Synapse } from '../../support/synapse/synapse.ts'
import { PersonsRoom } from './room.ts'
import { served } from './served.ts'

/** How often the program is killed; 200 take a quarter of an hour. */
const kills = Number(process.env.HUSKIES_KILLS ?? 10)
const seed = Number(process.env.HUSKIES_SEED ?? 1)
/** Long enough to be killed before, during and after the answer. */
const longestLifeMs = 2500
const patience = { timeout: 120_000, interval: 200 }

let server: Synapse
beforeAll(async () => {
  server = await Synapse.start()
})
afterAll(() => server[Symbol.asyncDispose]())

test(`L59: killed ${kills} times at any moment, it answers every message once.`, async () => {
  const random = seeded(seed)
  await using world = await served(server)
  const { person, account } = world
  const room = await PersonsRoom.make(server, person, [account.id])
  await expect.poll(() => room.members(), patience).toContain(account.id)
  for (let round = 1; round <= kills; round += 1) {
    await room.says(`story Number ${round}`)
    await pause(random() * longestLifeMs)
    await world.killed()
    if (random() < 0.5) await room.says(`show ${Math.ceil(random() * round)}`)
    world.restarted()
  }
  await room.says('find Number')
  const said = (await room.events()).filter(
    ({ type, sender }) => type === 'm.room.message' && sender === person.id,
  )
  await expect.poll(async () => (await room.heard()).length, patience).toBe(said.length)
  const answers = await room.heard()
  expect(answers.at(-1)).toContain(`Number ${kills}`)
  const made = answers.filter((text) => text.includes('is in the backlog'))
  expect(made).toHaveLength(kills)
  expect(new Set(made.map((text) => /\d+/.exec(text)?.[0])).size).toBe(kills)
}, 1_800_000)

test('Killed when it has followed a stranger and stored nothing yet, it still tells them their code.', async () => {
  await using proxy = await FaultyProxy.start(server.url)
  await using world = await served(server, proxy.url)
  const stranger = await server.user('stranger')
  // What the server has done it does not learn, and so it does nothing more before it is killed.
  proxy.faults.push({ kind: 'lose-answer', path: '/join/' })
  const room = await PersonsRoom.make(server, stranger, [world.account.id])
  await expect.poll(() => room.members(), patience).toContain(world.account.id)
  await world.killed()
  world.restarted()
  await expect.poll(() => room.heard(), patience).toHaveLength(1)
  expect((await room.heard())[0]).toContain('Your code is')
})
