import fc from 'fast-check'
import { expect, it } from 'vitest'
import { awaken, isWaiting, type Park, park } from '../../../src/agents/accounts/account-park.ts'

const now = 1_000_000
const minute = 60_000
const limited = (until?: number) => ({
  ...{ kind: 'limited' as const, reason: 'Limit.' },
  ...(until !== undefined && { until }),
})
const refused = { kind: 'refused' as const, reason: 'Wrong key.' }

it('waits until the time that the service names, and up to ten seconds more', () => {
  expect(park(undefined, limited(now + minute), now, 0)).toEqual({
    ...{ kind: 'limited', reason: 'Limit.', untimed: 0 },
    until: now + minute,
  })
  expect(park(undefined, limited(now + minute), now, 0.999)).toMatchObject({
    until: now + minute + 9_990,
  })
})

it('waits 5, 15 and then 60 minutes each where no time is named, or one that is over', () => {
  let parked: Park | undefined
  let at = now
  const waits: number[] = []
  for (const until of [undefined, now - 1, undefined, undefined]) {
    parked = park(parked, limited(until), at, 0)
    waits.push(((parked.until ?? 0) - at) / minute)
    at = parked.until ?? 0
  }
  expect(waits).toEqual([5, 15, 60, 60])
})

it('waits for a person where the account is refused, whatever other runs say', () => {
  const parked = park(undefined, refused, now, 0)
  expect(isWaiting(parked, Number.MAX_SAFE_INTEGER)).toBe(true)
  expect(park(parked, limited(now + minute), now, 0)).toBe(parked)
  expect(isWaiting(awaken(parked, now), now)).toBe(false)
})

/** What may happen to an account, one thing after the other. */
const happenings = fc.array(
  fc.oneof(
    fc.record({
      type: fc.constant('limited' as const),
      inMs: fc.integer({ min: -minute, max: 600 * minute }),
    }),
    fc.record({ type: fc.constantFrom('untimed' as const, 'refused' as const) }),
    fc.record({
      type: fc.constant('passes' as const),
      ms: fc.integer({ min: 0, max: 90 * minute }),
    }),
  ),
  { maxLength: 30 },
)

it('is never parked for a shorter time than before, and always for some time', () => {
  fc.assert(
    fc.property(happenings, fc.double({ min: 0, max: 0.999, noNaN: true }), (all, random) => {
      let parked: Park | undefined
      let at = now
      for (const happening of all) {
        if (happening.type === 'passes') {
          at += happening.ms
          continue
        }
        const said =
          happening.type === 'refused'
            ? refused
            : limited(happening.type === 'limited' ? at + happening.inMs : undefined)
        const before: Park | undefined = parked
        parked = park(before, said, at, random)
        expect(isWaiting(parked, at)).toBe(true)
        const stays = isWaiting(before, at) ? (before?.until ?? Infinity) : 0
        expect(parked.until ?? Infinity).toBeGreaterThanOrEqual(stays)
        if (happening.type === 'limited' && before === undefined && happening.inMs > 0)
          expect(parked.until).toBeGreaterThanOrEqual(at + happening.inMs)
      }
    }),
  )
})
