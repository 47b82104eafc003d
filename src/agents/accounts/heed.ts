import type { AgentEvent, Outcome } from '../runtime.ts'

/** The account is near its limit, or beyond it and paid for: the run goes on, marked until then. */
export interface Throttled {
  readonly kind: 'throttled'
  readonly until: number
  readonly overage: boolean
}

/** It must not go on, or cannot: it is ended now, and this is how it ended. */
export interface Stop {
  readonly kind: 'stop'
  readonly outcome: Extract<Outcome, { kind: 'limited' | 'refused' }>
}

/** What follows for a living run from what it says of its account. */
type Consequence = Throttled | Stop | { readonly kind: 'unthrottled' }

type Retry = Extract<AgentEvent, { type: 'retry' }>

/** How long a run is marked where the service does not say until when. */
const markedMs = 300_000
/** A program that waits for longer than this waits for a limit: its item is parked instead. */
const patienceMs = 120_000
/** A program may mistake a moment's trouble for a wrong key once. */
const refusedFrom = 2
/** What services call it when an account is not accepted, or cannot pay. */
const refusals = new Set([
  'authentication_failed',
  'oauth_org_not_allowed',
  'account_on_hold',
  'verification_required',
  'billing_error',
  'cloud_credential_error',
])

/**
 * What follows from one event of a living run; undefined where nothing does. A reset time alone is
 * none: every healthy run tells one. `mayOverrun` is whether paid overage may be used.
 */
export function heed(event: AgentEvent, mayOverrun: boolean, now: number): Consequence | undefined {
  if (event.type === 'retry') return heedRetry(event, now)
  if (event.type !== 'limit') return undefined
  const { status, overage, resetsAt } = event
  const until = resetsAt !== undefined && resetsAt > now ? resetsAt : undefined
  if (overage && !mayOverrun) return stop({ ...beyondPlan, ...(until !== undefined && { until }) })
  if (status === 'allowed' && !overage) return { kind: 'unthrottled' }
  // Without overage the service refuses everything: the program ends by itself and says so.
  if (status === 'refused' && !overage) return undefined
  return { kind: 'throttled', until: until ?? now + markedMs, overage }
}

function heedRetry(event: Retry, now: number): Stop | undefined {
  if (isRefusal(event)) return stop(refused(event))
  const { error: reason = 'The service refuses.', afterMs = 0 } = event
  return afterMs > patienceMs ? stop({ kind: 'limited', reason, until: now + afterMs }) : undefined
}

const beyondPlan = {
  kind: 'limited',
  reason: 'The plan is used up, and paid overage is not allowed (overage in project.toml).',
} as const

function isRefusal({ attempt, status, error = '' }: Retry) {
  return attempt >= refusedFrom && (status === 401 || status === 403 || refusals.has(error))
}

function refused({ status, error }: Retry) {
  const what = [error, status === undefined ? undefined : `HTTP ${status}`].filter(Boolean)
  return { kind: 'refused', reason: `The service answers: ${what.join(', ')}.` } as const
}

function stop(outcome: Stop['outcome']): Stop {
  return { kind: 'stop', outcome }
}
