import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Pace } from '../../src/transports/pace.ts'
import type { Rate } from '../../src/transports/transport.ts'
import { FakeClock } from '../support/fake-clock.ts'

const second = { messages: 1, withinMs: 1000 }
const minute = { messages: 3, withinMs: 60_000 }

function pace(clock: FakeClock, overall: readonly Rate[] = []) {
  return new Pace(
    { rates: (room) => (room === 'group' ? [second, minute] : [second]), overallRates: overall },
    clock,
  )
}

test('a room has its turn at once, then after its rate, and no room waits for another', () => {
  const clock = new FakeClock(5000)
  const turns = pace(clock)
  expect(turns.take('a')).toBe(0)
  clock.advance(100)
  turns.done('a')
  expect(turns.take('b')).toBe(0)
  clock.advance(400)
  expect(turns.take('a')).toBe(600)
  clock.advance(600)
  expect(turns.take('a')).toBe(0)
})

test('a room that has its turn keeps it until it has sent', () => {
  const turns = pace(new FakeClock(5000))
  expect(turns.take('a')).toBe(0)
  expect(turns.take('a')).toBe(0)
  turns.done('a')
  expect(turns.take('a')).toBe(1000)
})

test('all rates of a room count', () => {
  const clock = new FakeClock(5000)
  const turns = pace(clock)
  for (let sent = 0; sent < 3; sent++) {
    expect(turns.take('group')).toBe(0)
    turns.done('group')
    clock.advance(1000)
  }
  expect(turns.take('group')).toBe(57_000)
})

test('whoever is sending counts for all rooms, until it is long enough over', () => {
  const clock = new FakeClock(5000)
  const turns = pace(clock, [{ messages: 2, withinMs: 1000 }])
  expect([turns.take('a'), turns.take('b')]).toEqual([0, 0])
  expect(turns.take('c')).toBe(1000)
  clock.advance(300)
  turns.done('a')
  expect(turns.take('c')).toBe(1000)
  turns.done('b')
  clock.advance(1000)
  expect(turns.take('c')).toBe(0)
})

/** Sends as fast as it may, and returns when each message began and ended. */
function flood(rooms: readonly string[], delays: readonly number[], overall: readonly Rate[]) {
  const clock = new FakeClock(1_000_000)
  const turns = pace(clock, overall)
  const sends: { room: string; began: number; ended: number }[] = []
  const left = new Map<string, number>()
  for (const room of rooms) left.set(room, (left.get(room) ?? 0) + 1)
  const next = (room: string) => {
    if ((left.get(room) ?? 0) === 0) return
    const wait = turns.take(room)
    if (wait > 0) {
      clock.after(wait, () => next(room))
      return
    }
    left.set(room, (left.get(room) ?? 0) - 1)
    const began = clock.now()
    clock.after(delays[sends.length % delays.length] ?? 0, () => {
      turns.done(room)
      sends.push({ room, began, ended: clock.now() })
      next(room)
    })
  }
  for (const room of left.keys()) next(room)
  clock.advance(3_600_000)
  return { sends, pending: clock.pending }
}

test('whatever is sent, however long it takes: no rate is passed, and everything is sent', () => {
  const overall = [{ messages: 4, withinMs: 1000 }]
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'group'), { maxLength: 40 }),
      fc.array(fc.integer({ min: 0, max: 2500 }), { minLength: 1, maxLength: 5 }),
      (rooms, delays) => {
        const { sends, pending } = flood(rooms, delays, overall)
        expect([sends.length, pending]).toEqual([rooms.length, 0])
        const kept = (all: typeof sends, { messages, withinMs }: Rate) => {
          const began = all.toSorted((one, other) => one.began - other.began)
          // Wherever in between the network has counted each, none is one too many.
          for (const [index, send] of began.entries()) {
            const earlier = began
              .slice(0, index)
              .filter(({ ended }) => ended > send.began - withinMs)
            expect(earlier.length).toBeLessThan(messages)
          }
        }
        kept(sends, overall[0] as Rate)
        for (const room of new Set(rooms))
          kept(
            sends.filter((one) => one.room === room),
            second,
          )
        kept(
          sends.filter(({ room }) => room === 'group'),
          minute,
        )
      },
    ),
    { numRuns: 100 },
  )
})
