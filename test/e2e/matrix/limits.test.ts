import { afterAll, beforeAll, expect, test } from 'vitest'
import { FaultyProxy } from '../../support/synapse/proxy.ts'
import { Synapse } from '../../support/synapse/synapse.ts'
import { PersonsRoom } from './room.ts'
import { served } from './served.ts'

const patience = { timeout: 90_000, interval: 100 }
const burst = 10
let server: Synapse

beforeAll(async () => {
  server = await Synapse.start('rc_message: {per_second: 1.5, burst_count: 3}')
})
afterAll(() => server[Symbol.asyncDispose]())

test('A server with rate limits is waited for as long as it says: a burst is answered in order, once each, and another room goes on.', async () => {
  await using proxy = await FaultyProxy.start(server.url)
  await using world = await served(server, proxy.url)
  const { person, account } = world
  const busy = await PersonsRoom.make(server, person, [account.id])
  const quiet = await PersonsRoom.make(server, person, [account.id])
  for (const room of [busy, quiet])
    await expect.poll(() => room.members(), patience).toContain(account.id)
  // The server lets people speak no faster than the bot, which therefore hears it all at once.
  await world.killed()
  for (let number = 1; number <= burst; number++) await busy.says(`story Number ${number}`)
  await quiet.says('version')
  world.restarted()
  await expect.poll(async () => (await quiet.heard()).length, patience).toBe(1)
  expect((await busy.heard()).length).toBeLessThan(burst)
  await expect.poll(async () => (await busy.heard()).length, patience).toBe(burst)
  const items = (await busy.heard()).map((text) => Number(/^Item (\d+)/.exec(text)?.[1]))
  expect(items).toEqual(Array.from({ length: burst }, (_, index) => index + 1))

  const waits = proxy.waits.filter(({ path }) => path.includes('/send/'))
  expect(waits.length).toBeGreaterThan(0)
  // Timers may fire a millisecond early.
  for (const { wantedMs, afterMs } of waits) expect(afterMs).toBeGreaterThanOrEqual(wantedMs - 2)
})

test('An invitation that the server cannot take now is followed when it can.', async () => {
  await using proxy = await FaultyProxy.start(server.url)
  await using world = await served(server, proxy.url)
  const { person, account } = world
  proxy.faults.push({ kind: 'refuse', path: '/v3/join/', status: 502 })
  const room = await PersonsRoom.make(server, person, [account.id])
  await expect.poll(() => room.members(), patience).toContain(account.id)
  await room.says('version')
  await expect.poll(async () => (await room.heard()).length, patience).toBe(1)
  expect(proxy.faults).toEqual([])
})
