import { expect, onTestFinished, test } from 'vitest'
import type { Courier } from '../../src/bot/courier.ts'
import { LiveMessages } from '../../src/bot/live-messages.ts'
import { sessionOf } from '../../src/bot/message.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ChatWorld } from '../support/chat-world.ts'

const place = { transport: 'net', room: 'room' }
const session = sessionOf(place)

function worldWith(edit: Courier['capabilities']['edit']) {
  const world = new ChatWorld({ courier: { edit, idempotentSend: false } })
  const capabilities = { edit, idempotentSend: false }
  const live = new LiveMessages({
    ...{ store: world.store, outbox: world.outbox, clock: world.clock, log: silentLog },
    couriers: [{ name: 'net', capabilities }],
  })
  onTestFinished(() => live.close())
  let looks = 0
  const say = (text: string) =>
    world.store.transaction(() => world.outbox.enqueue({ ...place, text }))
  return {
    ...{ world, live, say },
    keep: () => {
      const text = (over: boolean) => (over ? 'over' : `look ${++looks}`)
      live.keep({ message: say('first'), place, everyMs: 5_000, forMs: 30_000, text })
    },
  }
}

test('a message is edited until its time is over, and once more at the end', async () => {
  const { world, keep } = worldWith('full')
  keep()
  await world.settle()
  for (let second = 0; second < 60; second += 1) await world.pass(1_000)
  expect(world.heard()).toEqual(['first', 'look 1', 'look 2', 'look 3', 'look 4', 'look 5', 'over'])
})

test('a message that is as it was is left alone, and one with nothing to come ends before its time', async () => {
  const { world, live, say } = worldWith('full')
  let [text, isOver] = ['one', false]
  live.keep({
    ...{ message: say('first'), place, everyMs: 5_000, forMs: 600_000 },
    text: (over) => (over ? `${text}, over` : text),
    isOver: () => isOver,
  })
  await world.settle()
  for (let look = 0; look < 4; look += 1) await world.pass(5_000)
  text = 'two'
  await world.pass(5_000)
  isOver = true
  for (let look = 0; look < 4; look += 1) await world.pass(5_000)
  expect(world.heard()).toEqual(['first', 'one', 'two', 'two, over'])
})

test('every edit is of the same message', async () => {
  const { world, keep } = worldWith('full')
  keep()
  await world.settle()
  await world.pass(5_000)
  await world.pass(5_000)
  const [first, ...edits] = world.arrived
  expect(new Set(edits.map(({ edits }) => edits))).toEqual(new Set([`net-${first?.id}`]))
})

test('where nothing can be edited, there is a message at the start and one at the end', async () => {
  const { world, keep } = worldWith('none')
  keep()
  await world.settle()
  for (let second = 0; second < 60; second += 1) await world.pass(1_000)
  expect(world.heard()).toEqual(['first', 'over'])
})

test('a network that does not answer is not flooded: it gets the newest text when it is back', async () => {
  const { world, keep } = worldWith('full')
  keep()
  await world.settle()
  for (let count = 0; count < 4; count += 1) {
    world.clock.advance(5_000)
    await world.flush()
    await world.flush()
  }
  expect(world.calls).toHaveLength(1)
  await world.settle()
  expect(world.heard()).toEqual(['first', 'look 1', 'look 4'])
})

test('nothing is sent in the place of a message that has not arrived', async () => {
  const { world, keep } = worldWith('full')
  keep()
  for (let count = 0; count < 4; count += 1) {
    world.clock.advance(5_000)
    await world.flush()
  }
  expect(world.calls.map(({ message }) => message.text)).toEqual(['first'])
})

test('a network that shows changes of its newest message alone is left when something else is said', async () => {
  const { world, keep, say } = worldWith('partial')
  keep()
  await world.settle()
  await world.pass(5_000)
  say('something else')
  for (let second = 0; second < 60; second += 1) await world.pass(1_000)
  expect(world.heard()).toEqual(['first', 'look 1', 'something else'])
})

test('what is stopped is shown for the last time; one takes the place of another', async () => {
  const { world, live, keep } = worldWith('full')
  expect(live.stop(session)).toBe(false)
  keep()
  keep()
  await world.settle()
  await world.pass(5_000)
  expect(live.stop(session)).toBe(true)
  expect(live.stop(session)).toBe(false)
  for (let second = 0; second < 60; second += 1) await world.pass(1_000)
  expect(world.heard()).toEqual(['first', 'first', 'look 1', 'over'])
})

test('after a restart nothing goes on', async () => {
  const { world, live, keep } = worldWith('full')
  keep()
  await world.settle()
  await world.pass(5_000)
  live.close()
  world.crash()
  for (let second = 0; second < 60; second += 1) await world.pass(1_000)
  expect(world.heard()).toEqual(['first', 'look 1'])
})
