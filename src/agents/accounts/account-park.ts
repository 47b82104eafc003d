import type { Outcome } from '../runtime.ts'

/** Why an account is not used now, and until when. */
export interface Park {
  readonly kind: 'limited' | 'refused'
  /** What the service said. */
  readonly reason: string
  /** When it may be tried again, in ms since the epoch; undefined: when a person says so. */
  readonly until?: number
  /** How often in a row the service refused without saying until when. */
  readonly untimed: number
  /** The run that tried it last since then, before any other may. */
  readonly probe?: string
}

type Refusal = Extract<Outcome, { kind: 'limited' | 'refused' }>

const minuteMs = 60_000
/** How long to wait where the service does not say. */
const ladderMs = [5 * minuteMs, 15 * minuteMs, 60 * minuteMs] as const
/** So that not everybody in the world comes back in the same second. */
const longestJitterMs = 10_000

/**
 * What becomes of an account, parked as `before` or not at all, when one of its runs ended like
 * this. A time that was set is never shortened, and what only a person can mend waits for them.
 * `random` is from 0 up to 1.
 */
export function park(
  before: Park | undefined,
  refusal: Refusal,
  now: number,
  random: number,
): Park {
  const { kind, reason } = refusal
  const untimed = before?.untimed ?? 0
  if (kind === 'refused') return { kind, reason, untimed }
  const { until } = refusal
  const isTimed = until !== undefined && until > now
  if (before && isWaiting(before, now) && (!isTimed || until <= (before.until ?? Infinity)))
    return before
  const jitterMs = Math.round(random * longestJitterMs)
  if (isTimed) return { kind, reason, until: until + jitterMs, untimed: 0 }
  const stepMs = ladderMs[Math.min(untimed, ladderMs.length - 1)] ?? 0
  return { kind, reason, until: now + stepMs + jitterMs, untimed: untimed + 1 }
}

/** Whether nobody may try the account yet. */
export function isWaiting(park: Park | undefined, now: number): boolean {
  return park !== undefined && (park.until === undefined || park.until > now)
}

/** A person wants it tried now, whatever the service has said. */
export function awaken({ probe: _, ...park }: Park, now: number): Park {
  return { ...park, until: Math.min(now, park.until ?? now) }
}
