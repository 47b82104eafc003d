/** A time of day, as the clocks of some place show it. */
export interface TimeOfDay {
  readonly hour: number
  readonly minute: number
}

const dayMs = 86_400_000

/** Reads `9:05` or `21:30`; undefined where that is no time of day. */
export function readTimeOfDay(text: string): TimeOfDay | undefined {
  const match = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text)
  return match ? { hour: Number(match[1]), minute: Number(match[2]) } : undefined
}

/** Whether this machine knows the time zone: `UTC`, `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}

/**
 * The first moment after `now` at which the clocks of `zone` show `time`, in ms since the epoch. A
 * time that comes twice, because clocks go back, is the one that is next. One that a day leaves
 * out, because clocks go forward, is as long after midnight as it would have been without that.
 */
export function nextMoment(time: TimeOfDay, zone: string, now: number): number {
  const midnight = Math.floor((now + offsetOf(zone, now)) / dayMs) * dayMs
  const sinceMidnight = (time.hour * 60 + time.minute) * 60_000
  for (let shown = midnight + sinceMidnight; ; shown += dayMs) {
    const moment = momentsOf(shown, zone).find((each) => each > now)
    if (moment !== undefined) return moment
  }
}

/** When the day began that the clocks of `zone` show now, in ms since the epoch. */
export function startOfDay(zone: string, now: number): number {
  const midnight = Math.floor((now + offsetOf(zone, now)) / dayMs) * dayMs
  return momentsOf(midnight, zone).find((moment) => moment <= now) ?? now
}

/** A moment to the minute, as the clocks of `zone` show it: `2026-03-29 03:30`. */
export function shownAt(moment: number, zone: string): string {
  const shown = new Date(moment + offsetOf(zone, moment))
  return shown.toISOString().slice(0, 16).replace('T', ' ')
}

/** The same, with the zone: for people who may be elsewhere. */
export function momentAt(moment: number, zone: string): string {
  return `${shownAt(moment, zone)} ${zone}`
}

/** The same without its date: `03:30`. */
export function timeShownAt(moment: number, zone: string): string {
  return shownAt(moment, zone).slice(11)
}

/** The moments at which the clocks of `zone` show `shown` (as if it were UTC), the first one first. */
function momentsOf(shown: number, zone: string): number[] {
  // Before a change of the clocks, and after it; the same where they are not changed that day.
  const offsets = new Set([offsetOf(zone, shown - dayMs), offsetOf(zone, shown + dayMs)])
  const moments = [...offsets].map((offset) => shown - offset).sort((a, b) => a - b)
  const exact = moments.filter((moment) => moment + offsetOf(zone, moment) === shown)
  return exact.length > 0 ? exact : moments.slice(-1)
}

/** How far the clocks of `zone` are ahead of UTC, in ms. */
function offsetOf(zone: string, moment: number): number {
  const parts = formatOf(zone).formatToParts(moment)
  const of = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value)
  const shown = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  )
  return shown - Math.floor(moment / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
}
