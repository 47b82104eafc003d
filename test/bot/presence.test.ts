import { expect, test } from 'vitest'
import { StoredInbox } from '../../src/bot/inbox.ts'
import { StoredOutbox } from '../../src/bot/outbox.ts'
import { Presence } from '../../src/bot/presence.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { memoryStore } from '../support/memory-store.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

function world() {
  const clock = new FakeClock(1_700_000_000_000)
  const store = memoryStore()
  const outbox = new StoredOutbox(store, clock)
  const inbox = new StoredInbox(store)
  const start = () => new Presence({ store, clock, outbox })
  const told = () =>
    store.db.prepare('SELECT room, thread, text FROM outbox').raw().all() as string[][]
  const says = (room: string, transport = 'net', thread?: string) =>
    store.transaction(() =>
      inbox.add({
        ...{ transport, room, eventId: `${room}${clock.now()}${thread}`, text: 'hello' },
        ...(thread === undefined ? {} : { thread }),
        ...{ sender: { id: 'net:anna', name: 'Anna' }, direct: true, addressed: true },
        at: clock.now(),
      }),
    )
  return { clock, start, told, says }
}

test('who was away for longer than the network keeps things says so where people have lately talked', () => {
  const { clock, start, told, says } = world()
  says('hall')
  says('hall', 'net', 'topic')
  says('hall')
  says('elsewhere', 'other')
  start().heard('net', dayMs)
  clock.advance(30 * hourMs)
  start().heard('net', dayMs)
  const text =
    'I was away for 30 hours, and what is said meanwhile is kept for me for 24 hours only. What I have not answered, please say again.'
  expect(told()).toEqual([
    ['hall', null, text],
    ['hall', 'topic', text],
  ])
})

test('a shorter absence is not worth a word, nor is the first start', () => {
  const { clock, start, told, says } = world()
  says('hall')
  start().heard('net', dayMs)
  clock.advance(dayMs)
  start().heard('net', dayMs)
  expect(told()).toEqual([])
})

test('a connection that was lost for a day in the middle of a run is an absence too', () => {
  const { clock, start, told, says } = world()
  const presence = start()
  presence.heard('net', dayMs)
  says('hall')
  clock.advance(25 * hourMs)
  presence.heard('net', dayMs)
  presence.heard('net', dayMs)
  expect(told()).toHaveLength(1)
})

test('rooms in which nobody has talked for a week are left alone', () => {
  const { clock, start, told, says } = world()
  says('hall')
  clock.advance(8 * dayMs)
  start().heard('net', dayMs)
  clock.advance(2 * dayMs)
  start().heard('net', dayMs)
  expect(told()).toEqual([])
})
