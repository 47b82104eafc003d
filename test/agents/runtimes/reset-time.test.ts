import { expect, it } from 'vitest'
import { resetTimeIn } from '../../../src/agents/runtimes/reset-time.ts'

const now = new Date(2026, 10, 23, 9, 30).getTime()
const hour = 3_600_000

it.each([
  ['try again at 9:44 AM.', new Date(2026, 10, 23, 9, 44).getTime()],
  ['or try again at 12:05 PM.', new Date(2026, 10, 23, 12, 5).getTime()],
  ['or try again at Nov 24th, 2026 12:20 AM.', new Date(2026, 10, 24, 0, 20).getTime()],
  ['credits or try again at May 18th, 2033 3:33 AM.', new Date(2033, 4, 18, 3, 33).getTime()],
  ['Access resets at 9:41 PM GMT.', new Date(2026, 10, 23, 21, 41).getTime()],
  ['Your quota will reset after 2h15m30s.', now + 2.25 * hour + 30_000],
  ['Please retry in 1h0m2.5s', now + hour + 2_500],
  ['Try again in 3 days 4 hours 1 minute.', now + 76 * hour + 60_000],
])('%s', (message, moment) => {
  expect(resetTimeIn(message, now)).toBe(moment)
})

it.each([
  '',
  'Please wait and try again later.',
  'try again at Foo 18th, 2033 3:33 AM',
  'It failed at 9:44 AM after 3h.',
  'try again in a while',
])('says nothing of a time: %s', (message) => {
  expect(resetTimeIn(message, now)).toBeUndefined()
})
