import { expect, it } from 'vitest'
import { heed } from '../../../src/agents/accounts/heed.ts'
import type { AgentEvent } from '../../../src/agents/runtime.ts'

const now = 1_000_000
const limit = (more: object): AgentEvent => ({
  ...{ type: 'limit', status: 'allowed', overage: false },
  ...more,
})
const retry = (attempt: number, more: object): AgentEvent => ({ type: 'retry', attempt, ...more })
const until = now + 60_000
const marked = { kind: 'throttled', until, overage: false }
const stopped = (kind: string) => ({ kind: 'stop', outcome: { kind } })

it.each<[string, AgentEvent, boolean, object | undefined]>([
  [
    'L08: a healthy run, which tells a reset time',
    limit({ resetsAt: until }),
    false,
    { kind: 'unthrottled' },
  ],
  ['a program that waits for hours', retry(1, { afterMs: 8_000_000 }), true, stopped('limited')],
  ['a program that waits for a minute', retry(1, { afterMs: 60_000 }), true, undefined],
  ['a warning', limit({ status: 'warning', resetsAt: until }), false, marked],
  [
    'a warning without a time',
    limit({ status: 'warning' }),
    false,
    { ...marked, until: now + 300_000 },
  ],
  [
    'a refusal, which the program itself ends with',
    limit({ status: 'refused', resetsAt: until }),
    false,
    undefined,
  ],
  [
    'paid overage',
    limit({ status: 'refused', overage: true, resetsAt: until }),
    false,
    stopped('limited'),
  ],
  [
    'paid overage that is allowed',
    limit({ status: 'refused', overage: true, resetsAt: until }),
    true,
    { ...marked, overage: true },
  ],
  ['a wrong key, once', retry(1, { status: 401 }), false, undefined],
  ['a wrong key, twice', retry(2, { status: 401 }), false, stopped('refused')],
  ['a wrong key by name', retry(2, { error: 'authentication_failed' }), false, stopped('refused')],
  ['no credit', retry(3, { error: 'billing_error' }), false, stopped('refused')],
  ['an overloaded service', retry(9, { status: 529, error: 'overloaded' }), false, undefined],
  ['a turn', { type: 'turn' }, false, undefined],
])('%s', (_, event, mayOverrun, expected) => {
  const consequence = heed(event, mayOverrun, now)
  if (expected === undefined) expect(consequence).toBeUndefined()
  else expect(consequence).toMatchObject(expected)
})
