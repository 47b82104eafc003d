import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  isTimeZone,
  nextMoment,
  readTimeOfDay,
  shownAt,
} from '../../../src/pipeline/later/local-time.ts'

const berlin = 'Europe/Berlin'
const at = (iso: string) => Date.parse(iso)
const next = (time: string, zone: string, now: string) => {
  const timeOfDay = readTimeOfDay(time)
  if (!timeOfDay) throw new Error(`${time} is no time of day`)
  return new Date(nextMoment(timeOfDay, zone, at(now))).toISOString().slice(0, 16)
}

test('a time of day is today if it is still to come there, else tomorrow', () => {
  expect(next('14:30', 'UTC', '2026-05-04T14:29:59Z')).toBe('2026-05-04T14:30')
  expect(next('14:30', 'UTC', '2026-05-04T14:30:00Z')).toBe('2026-05-05T14:30')
  expect(next('0:05', berlin, '2026-05-04T21:59:00Z')).toBe('2026-05-04T22:05')
  expect(next('23:00', 'America/New_York', '2026-12-31T12:00:00Z')).toBe('2027-01-01T04:00')
  expect(next('09:00', 'Asia/Kathmandu', '2026-05-04T00:00:00Z')).toBe('2026-05-04T03:15')
})

test('a time that a day leaves out is as long after midnight as without the change of clocks', () => {
  // 02:00 becomes 03:00: what would have been 02:30 is called 03:30 that day.
  expect(next('02:30', berlin, '2026-03-29T00:00:00Z')).toBe('2026-03-29T01:30')
  expect(shownAt(at('2026-03-29T01:30:00Z'), berlin)).toBe('2026-03-29 03:30')
  expect(next('02:30', berlin, '2026-03-29T01:30:00Z')).toBe('2026-03-30T00:30')
  expect(next('03:00', berlin, '2026-03-29T00:59:00Z')).toBe('2026-03-29T01:00')
  // A change of half an hour, and a day that was left out as a whole.
  expect(next('02:10', 'Australia/Lord_Howe', '2026-10-03T14:00:00Z')).toBe('2026-10-03T15:40')
  expect(next('12:00', 'Pacific/Apia', '2011-12-30T09:00:00Z')).toBe('2011-12-30T22:00')
})

test('a time that comes twice is the one that is next', () => {
  // 03:00 becomes 02:00.
  expect(next('02:30', berlin, '2026-10-25T00:00:00Z')).toBe('2026-10-25T00:30')
  expect(next('02:30', berlin, '2026-10-25T00:45:00Z')).toBe('2026-10-25T01:30')
  expect(next('02:50', berlin, '2026-10-25T01:45:00Z')).toBe('2026-10-25T01:50')
  expect(next('02:30', berlin, '2026-10-25T01:30:00Z')).toBe('2026-10-26T01:30')
})

test('the clocks show the time that was asked for, within two days, wherever no change is near', () => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const now = fc.integer({ min: at('2000-01-01T00:00Z'), max: at('2040-01-01T00:00Z') })
  const minute = fc.integer({ min: 0, max: 1439 })
  fc.assert(
    fc.property(zone, now, minute, (zone, now, minute) => {
      const time = { hour: Math.floor(minute / 60), minute: minute % 60 }
      const moment = nextMoment(time, zone, now)
      expect(moment).toBeGreaterThan(now)
      expect(moment).toBeLessThan(now + 50 * 3_600_000)
      const changes = [-1, 1].some(
        (days) =>
          shownAt(moment + days * 86_400_000, zone).slice(11) !== shownAt(moment, zone).slice(11),
      )
      const wanted = `${String(time.hour).padStart(2, '0')}:${String(time.minute).padStart(2, '0')}`
      if (!changes) expect(shownAt(moment, zone).slice(11)).toBe(wanted)
    }),
    { numRuns: 300 },
  )
})

test('what is no time of day, and what is no time zone, is known as such', () => {
  for (const text of ['24:00', '9', '12:60', '1:5', 'noon', '-1:00', ''])
    expect(readTimeOfDay(text), text).toBeUndefined()
  expect(readTimeOfDay('7:05')).toEqual({ hour: 7, minute: 5 })
  expect(isTimeZone('Europe/Berlin')).toBe(true)
  expect(isTimeZone('Europe/Nowhere')).toBe(false)
})
