import type { Outcome } from '../runtime.ts'

/** What is known of how a run ended, in the same words for every program. */
export interface Ending {
  /** Undefined when none was written: the program was killed together with what waits for it. */
  readonly exitCode: number | undefined
  /** What the program said of its end; undefined when it said nothing. */
  readonly said: 'done' | 'error' | undefined
  /** Whether it got as far as a session. */
  readonly session: boolean
  /** What it said of its error, or else its last lines that were meant for people. */
  readonly message: string
  /** The service's HTTP status. */
  readonly status?: number | undefined
  /** The program's own names for what went wrong. */
  readonly codes: readonly string[]
  /** The service's last word on the account's limit was a refusal. */
  readonly limitReached: boolean
  /** When that limit ends, in milliseconds. */
  readonly resetsAt?: number | undefined
  /** The tools that it was not allowed to use. */
  readonly denied: readonly string[]
}

/** How the run ended: the first row of the table that fits decides. */
export function judgeEnding(ending: Ending): Outcome {
  for (const [fits, outcome] of table) if (fits(ending)) return outcome(ending)
  return { kind: 'completed' }
}

/** An exit code alone decides nothing: programs end with 0 after an error, and with others after none. */
const table: readonly [fits: (ending: Ending) => boolean, outcome: (ending: Ending) => Outcome][] =
  [
    // A limit that ends within seconds is none that a person would call so.
    [failedWith({ says: /(retry|try again) in \d+(\.\d+)? ?s/i }), overloaded],
    [({ limitReached, ...ending }) => limitReached && failed(ending), limited],
    [
      failedWith({
        codes: ['usage_limit_reached', 'usageLimitExceeded'],
        says: /hit your .{0,20}limit|usage limit|quota exceeded for metric|exhausted your .{0,40}quota/i,
      }),
      limited,
    ],
    [
      failedWith({
        codes: [
          ...['authentication_failed', 'authentication_error', 'oauth_org_not_allowed'],
          ...['account_on_hold', 'verification_required', 'billing_error'],
          ...['cloud_credential_error', 'ProviderAuthError', 'unauthorized', 'no-login'],
        ],
        statuses: [401, 402, 403],
        says: /api key not valid|(incorrect|invalid|missing) api key|plan and billing|credit balance|not logged in|\/login/i,
      }),
      refused,
    ],
    [
      failedWith({
        codes: ['prompt_too_long', 'contextWindowExceeded', 'ContextOverflowError'],
        statuses: [413],
        says: /prompt is too long|context (window|length)|token count .{0,40}exceeds/i,
      }),
      exhausted('context'),
    ],
    [
      failedWith({ codes: ['error_max_turns', 'max_turns', 'FatalTurnLimitedError'] }),
      exhausted('turns'),
    ],
    [
      failedWith({ codes: ['error_max_budget_usd', 'budget_exhausted', 'sessionBudgetExceeded'] }),
      exhausted('budget'),
    ],
    [
      failedWith({
        says: /no conversation found with session|no rollout found|session not found|invalid session identifier|error resuming session/i,
      }),
      lostSession,
    ],
    [
      failedWith({ codes: ['aborted_tools', 'aborted_streaming', 'MessageAbortedError'] }),
      interrupted,
    ],
    [
      failedWith({
        codes: ['rate_limit', 'overloaded', 'overloaded_error', 'server_error', 'serverOverloaded'],
        statuses: [408, 429, 500, 502, 503, 504, 529],
        says: /overloaded|high demand|rate limit|stream disconnected|connection error|api error: (terminated|fetch failed)|\b(ECONN|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/i,
      }),
      overloaded,
    ],
    [neverBegan, failure],
    [({ said }) => said === undefined, interrupted],
    [({ said }) => said === 'error', failure],
    [({ denied }) => denied.length > 0, ({ denied }) => ({ kind: 'completed', denied })],
  ]

/** Any one of these is enough. */
interface Signs {
  readonly codes?: readonly string[]
  readonly statuses?: readonly number[]
  readonly says?: RegExp
}

function failedWith({ codes = [], statuses = [], says }: Signs): (ending: Ending) => boolean {
  return (ending) =>
    failed(ending) &&
    (ending.codes.some((code) => codes.includes(code)) ||
      (ending.status !== undefined && statuses.includes(ending.status)) ||
      says?.test(ending.message) === true)
}

function failed({ said, exitCode }: Pick<Ending, 'said' | 'exitCode'>): boolean {
  return said === 'error' || (said === undefined && exitCode !== undefined && exitCode !== 0)
}

/** Also with exit code 0: a program that only prints its help would otherwise start for ever. */
function neverBegan({ said, session, exitCode }: Ending): boolean {
  return said === undefined && !session && exitCode !== undefined
}

function limited(ending: Ending): Outcome {
  const { resetsAt: until } = ending
  return { kind: 'limited', reason: reasonOf(ending), ...(until !== undefined && { until }) }
}

function overloaded(ending: Ending): Outcome {
  return { kind: 'overloaded', reason: reasonOf(ending) }
}

function refused(ending: Ending): Outcome {
  return { kind: 'refused', reason: reasonOf(ending) }
}

function exhausted(what: 'turns' | 'budget' | 'context'): (ending: Ending) => Outcome {
  return (ending) => ({ kind: 'exhausted', what, reason: reasonOf(ending) })
}

function lostSession(ending: Ending): Outcome {
  return { kind: 'lost-session', reason: reasonOf(ending) }
}

function interrupted(): Outcome {
  return { kind: 'interrupted' }
}

function failure(ending: Ending): Outcome {
  return { kind: 'failed', reason: reasonOf(ending) }
}

/** Enough to know what happened; the rest is in the run's log. */
const longestReason = 500

function reasonOf({ message, exitCode }: Ending): string {
  const text = message.trim()
  if (text === '') return `The agent's program ended with exit code ${exitCode ?? 'unknown'}.`
  return text.length <= longestReason ? text : `${text.slice(0, longestReason)}…`
}
