import { expect, it } from 'vitest'
import { type Ending, judgeEnding } from '../../../src/agents/runtimes/outcome.ts'

const plain: Ending = {
  exitCode: 1,
  said: 'error',
  session: true,
  message: 'It failed.',
  codes: [],
  limitReached: false,
  denied: [],
}

it.each<[string, Partial<Ending>, string]>([
  ['a limit that ends in seconds', { message: 'Please try again in 1.5s' }, 'overloaded'],
  ['a limit that was told', { limitReached: true, status: 429 }, 'limited'],
  ['a limit by its code', { codes: ['usage_limit_reached'], status: 429 }, 'limited'],
  ['a limit by its words', { message: "You've hit your usage limit." }, 'limited'],
  ['a daily quota', { message: 'Quota exceeded for metric: x', status: 429 }, 'limited'],
  [
    'no credit, as a 429',
    { message: 'Check your plan and billing details.', status: 429 },
    'refused',
  ],
  ['a wrong key, as a 400', { message: 'API key not valid.', status: 400 }, 'refused'],
  ['a login that is missing', { codes: ['no-login'], said: undefined, session: false }, 'refused'],
  ['a request that is too long', { message: 'prompt is too long', status: 400 }, 'exhausted'],
  [
    'a session that is not there',
    { message: 'Session not found', said: undefined },
    'lost-session',
  ],
  ['a service that is busy', { status: 529 }, 'overloaded'],
  ['a connection that broke', { message: 'connect ECONNRESET' }, 'overloaded'],
  ['an error of its own', {}, 'failed'],
  ['a start that came to nothing', { said: undefined, session: false }, 'failed'],
  ['help instead of work', { said: undefined, session: false, exitCode: 0 }, 'failed'],
  ['an end without a word', { said: undefined, exitCode: 143, message: '' }, 'interrupted'],
  [
    'an end that nobody saw',
    { said: undefined, session: false, exitCode: undefined },
    'interrupted',
  ],
  ['an interruption', { codes: ['aborted_tools'] }, 'interrupted'],
  ['an error with exit code 0', { exitCode: 0 }, 'failed'],
  ['a good end with another exit code', { said: 'done' }, 'completed'],
  ['words of a limit in a good end', { said: 'done', message: 'usage limit' }, 'completed'],
  ['a limit before a good end', { said: 'done', limitReached: true }, 'completed'],
])('%s', (_, changes, kind) => {
  expect(judgeEnding({ ...plain, ...changes }).kind).toBe(kind)
})

it('names what was used up, until when, and what was not allowed', () => {
  expect(judgeEnding({ ...plain, codes: ['error_max_turns'] })).toMatchObject({ what: 'turns' })
  expect(judgeEnding({ ...plain, codes: ['error_max_budget_usd'] })).toMatchObject({
    what: 'budget',
  })
  expect(judgeEnding({ ...plain, limitReached: true, resetsAt: 5 })).toMatchObject({ until: 5 })
  expect(judgeEnding({ ...plain, said: 'done', denied: ['Bash'] })).toEqual({
    kind: 'completed',
    denied: ['Bash'],
  })
})

it('gives a reason that a person can read, whatever the program printed', () => {
  expect(judgeEnding({ ...plain, message: ' ' })).toEqual({
    kind: 'failed',
    reason: "The agent's program ended with exit code 1.",
  })
  const { reason } = judgeEnding({ ...plain, message: 'x'.repeat(2_000) }) as { reason: string }
  expect(reason).toHaveLength(501)
})
