import { afterAll, beforeAll, expect, test } from 'vitest'
import { Synapse } from '../../support/synapse/synapse.ts'
import { Element } from './element.ts'
import { PersonsRoom } from './room.ts'
import { served } from './served.ts'

const patience = { timeout: 40_000, interval: 100 }
let server: Synapse

beforeAll(async () => {
  server = await Synapse.start()
})
afterAll(() => server[Symbol.asyncDispose]())

test('A person makes an item, starts it, and sees it land; a deletion is confirmed by a reaction.', async () => {
  await using world = await served(server)
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
  await using world = await served(server)
  const { person, account } = world
  await using element = await Element.open(server, person)
  const room = await element.makeRoom([account.id])
  await expect.poll(() => element.sees(room, account.id), patience).toBe(true)
  const answers = () =>
    element.seen.filter(({ sender }) => sender === account.id).map(({ body }) => body)
  for (const round of [1, 2, 3, 4]) {
    await element.says(room, `story Number ${round}`)
    if (round === 2)
      await expect.poll(() => answers().length, patience).toBeGreaterThanOrEqual(round)
    await world.killed()
    await element.says(room, `show ${round}`)
    world.restarted()
  }
  await expect.poll(() => answers().length, patience).toBe(8)
  const made = answers().filter((text) => text.includes('is in the backlog'))
  expect(made.map((text) => /\d+/.exec(text)?.[0])).toEqual(['1', '2', '3', '4'])
})
