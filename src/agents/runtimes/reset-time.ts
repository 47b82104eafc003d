/**
 * When a limit ends by what a program says of it in words, in ms since the epoch; undefined where it does
 * not say. `now` is when it said so. Codex writes a time of day in the machine's own zone, with the date
 * if that is not today's; Gemini CLI passes its service's words on: `reset after 2h15m30s`.
 */
export function resetTimeIn(message: string, now: number): number | undefined {
  return momentIn(message, now) ?? delayIn(message, now)
}

const moment =
  /(?:try again|resets?) at (?:([a-z]{3})[a-z]* (\d{1,2})[a-z]{0,2},? (\d{4}),? )?(\d{1,2}):(\d{2}) ?([ap])m\b/i
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

function momentIn(message: string, now: number): number | undefined {
  const [, month = '', day, year, hour, minute, half = ''] = moment.exec(message) ?? []
  if (hour === undefined) return undefined
  const hours = (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
  const today = new Date(now)
  const date =
    day === undefined
      ? ([today.getFullYear(), today.getMonth(), today.getDate()] as const)
      : ([Number(year), months.indexOf(month.toLowerCase()), Number(day)] as const)
  if (date[1] === -1) return undefined
  return new Date(...date, hours, Number(minute)).getTime()
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

function delayIn(message: string, now: number): number | undefined {
  const parts = [...(delay.exec(message)?.[1] ?? '').matchAll(part)]
  if (parts.length === 0) return undefined
  return parts.reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (lengths[unit.toLowerCase()] ?? 0),
    now,
  )
}
