const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** How long something lasts, roughly: `5 s`, `3 min`, `2 h`, `4 days`. */
export function duration(ms: number): string {
  if (ms < minute) return `${Math.max(0, Math.floor(ms / 1_000))} s`
  if (ms < hour) return `${Math.floor(ms / minute)} min`
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`
  return `${Math.floor(ms / day)} days`
}

/** A moment to the minute, in UTC: `2026-03-01 14:05 UTC`. */
export function dateTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
