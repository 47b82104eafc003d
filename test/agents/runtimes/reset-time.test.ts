import fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'
import { resetTimeIn } from '../../../src/agents/runtimes/reset-time.ts'

const minute = 60_000
const hour = 60 * minute
const now = new Date(2026, 10, 23, 9, 30).getTime()

afterEach(() => void vi.unstubAllEnvs())

it.each([
  ['try again at 9:44 AM.', new Date(2026, 10, 23, 9, 45).getTime()],
  ['or try again at 12:05 PM.', new Date(2026, 10, 23, 12, 6).getTime()],
  ['or try again at Nov 24th, 2026 12:20 AM.', new Date(2026, 10, 24, 0, 21).getTime()],
  ['credits or try again at May 18th, 2033 3:33 AM.', new Date(2033, 4, 18, 3, 34).getTime()],
  ['Access resets at 9:41 PM GMT.', new Date(2026, 10, 23, 21, 42).getTime()],
  ['Your quota will reset after 2h15m30s.', now + 2.25 * hour + 30_000],
  ['Please retry in 1h0m2.5s', now + hour + 2_500],
  ['Please retry in 1h0m2.512345678s', now + hour + 2_513],
  ['Try again in 3 days 4 hours 1 minute.', now + 76 * hour + 60_000],
])('%s', (message, moment) => {
  expect(resetTimeIn(message, now)).toBe(moment)
})

it.each([
  '',
  'Please wait and try again later.',
  'try again at Foo 18th, 2033 3:33 AM',
  'try again at 9:99 AM',
  'It failed at 9:44 AM after 3h.',
  'try again in a while',
])('says nothing of a time: %s', (message) => {
  expect(resetTimeIn(message, now)).toBeUndefined()
})

it.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'])(
  'whatever Codex writes in %s is read as the minute that it meant, around midnight and when clocks change',
  (zone) => {
    vi.stubEnv('TZ', zone)
    const begin = Date.UTC(2026, 0, 1)
    const said = fc.integer({ min: begin, max: begin + 365 * 24 * hour })
    // Clocks change in these nights.
    const night = fc
      .constantFrom(...['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25'])
      .chain((day) => fc.integer({ min: -12 * 60, max: 36 * 60 }).map((at) => [day, at] as const))
      .map(([day, at]) => Date.parse(day) + at * minute + 1)
    const lasts = fc.oneof(
      fc.integer({ min: 1, max: 90_000 }),
      fc.integer({ min: 1, max: 200 * hour }),
    )
    const lag = fc.integer({ min: 0, max: minute })
    fc.assert(
      fc.property(fc.oneof(said, night), lasts, lag, (at, lastsMs, lagMs) => {
        const reset = at + lastsMs
        const message = `You've hit your usage limit. Try again at ${asCodexWrites(reset, at)}.`
        const read = resetTimeIn(message, at + lagMs) ?? 0
        if (comesTwice(reset) && !isSameDay(reset, at)) return
        expect(read).toBeGreaterThan(reset)
        expect(read - reset).toBeLessThanOrEqual(minute)
      }),
      { numRuns: 400 },
    )
  },
)

/** The time of day, without its seconds; with the date if that is another one than now. */
function asCodexWrites(reset: number, at: number): string {
  const date = new Date(reset)
  const hours = date.getHours()
  const minutes = String(date.getMinutes()).padStart(2, '0')
  const time = `${hours % 12 || 12}:${minutes} ${hours < 12 ? 'AM' : 'PM'}`
  if (isSameDay(reset, at)) return time
  const month = date.toLocaleString('en-US', { month: 'short' })
  return `${month} ${date.getDate()}th, ${date.getFullYear()} ${time}`
}

function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString()
}

/** Clocks were set back: with a date, nothing tells the second time from the first. */
function comesTwice(at: number): boolean {
  const shown = new Date(at)
  const first = new Date(
    shown.getFullYear(),
    shown.getMonth(),
    shown.getDate(),
    shown.getHours(),
    shown.getMinutes(),
  )
  return at - first.getTime() >= minute
}
