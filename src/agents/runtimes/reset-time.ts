/**
 * When a limit ends by what a program says of it in words, in ms since the epoch; undefined where it does
 * not say. `saidAt` is when it said so. Codex writes a time of day in the machine's own zone, with the date
 * if that is not the same day; Gemini CLI passes its service's words on: `reset after 2h15m30s`.
 */
export function resetTimeIn(message: string, saidAt: number): number | undefined {
  return momentIn(message, saidAt) ?? delayIn(message, saidAt)
}

const moment =
  /(?:try again|resets?) at (?:([a-z]{3})[a-z]* (\d{1,2})[a-z]{0,2},? (\d{4}),? )?(\d{1,2}):([0-5]\d) ?([ap])m\b/i
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const minuteMs = 60_000
/** So long after its words a program may have written its last ones. */
const lastWordsMs = 2 * minuteMs

/** The end of the minute that it names: seconds are left out, and whoever comes too soon is refused. */
function momentIn(message: string, saidAt: number): number | undefined {
  const [, month = '', day, year, hour, minute, half = ''] = moment.exec(message) ?? []
  if (hour === undefined) return undefined
  const hours = (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  const minutes = Number(minute)
  if (day === undefined) return nextShowing(hours, minutes, saidAt - lastWordsMs) + minuteMs
  const inYear = months.indexOf(month.toLowerCase())
  if (inYear === -1) return undefined
  return new Date(Number(year), inYear, Number(day), hours, minutes).getTime() + minuteMs
}

/** The first minute from then on in which a clock on the wall shows this, also where an hour comes twice. */
function nextShowing(hours: number, minutes: number, from: number): number {
  const at = new Date(Math.floor(from / minuteMs) * minuteMs)
  while (at.getHours() !== hours || at.getMinutes() !== minutes) at.setTime(at.getTime() + minuteMs)
  return at.getTime()
}

const delay =
  /(?:try again|retry|resets?) (?:in|after) ((?:\d+(?:\.\d+)? ?(?:days?|hours?|minutes?|seconds?|[dhms])[ ,]*)+)/i
const part = /(\d+(?:\.\d+)?) ?([dhms])/gi
const lengths: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
}

function delayIn(message: string, saidAt: number): number | undefined {
  const parts = [...(delay.exec(message)?.[1] ?? '').matchAll(part)]
  if (parts.length === 0) return undefined
  const ms = parts.map(([, count, unit = '']) => Number(count) * (lengths[unit.toLowerCase()] ?? 0))
  return saidAt + Math.ceil(ms.reduce((sum, each) => sum + each))
}
