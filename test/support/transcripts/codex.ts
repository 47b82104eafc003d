import { asked, commonSituations } from './common-situations.ts'
import type { Recorded, Situation } from './situation.ts'

/** A moment far away: 2033. */
const reset = 2_000_000_000
const patch = '*** Begin Patch\n*** Add File: new.txt\n+new\n*** End Patch'

const situations: readonly Situation[] = [
  ...commonSituations,
  {
    name: 'tool-denied',
    restricted: true,
    script: (it) => it.onPrompt(asked).runs('touch forbidden').says('I may not.'),
  },
  {
    name: 'file-change',
    script: (it) => it.onPrompt(asked).uses('apply_patch', { patch }).says('Patched.'),
  },
  {
    name: '401',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 401,
        message: 'Incorrect API key provided',
        type: 'invalid_request_error',
        details: { code: 'invalid_api_key' },
      }),
  },
  {
    name: '400-too-long',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 400,
        message: 'Your input exceeds the context window of this model.',
        type: 'invalid_request_error',
        details: { code: 'context_length_exceeded' },
      }),
  },
  {
    name: '429',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 429,
        message: 'Rate limit reached for this model. Please try again in 1s.',
        type: 'tokens',
        details: { code: 'rate_limit_exceeded' },
      }),
  },
  {
    name: 'no-credit',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 429,
        message: 'You exceeded your current quota, please check your plan and billing details.',
        type: 'insufficient_quota',
        details: { code: 'insufficient_quota' },
      }),
  },
  {
    name: 'limit-hard',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 429,
        message: 'The usage limit has been reached',
        type: 'usage_limit_reached',
        details: { plan_type: 'plus', resets_at: reset },
      }),
  },
  {
    name: 'limit-hard-in-the-middle',
    script: (it) =>
      it
        .onPrompt(asked)
        .runs('echo half')
        .refuses({
          status: 429,
          message: 'The usage limit has been reached',
          type: 'usage_limit_reached',
          details: { plan_type: 'plus', resets_at: reset },
        }),
  },
  {
    name: 'overloaded-once',
    script: (it) =>
      it.onPrompt(asked).refuses({ status: 503, message: 'Overloaded' }).says('Done after all.'),
  },
  {
    name: 'overloaded-for-ever',
    script: (it) => it.onPrompt(asked).refuses({ status: 503, message: 'Overloaded' }),
  },
]

export const codex: Recorded = {
  cli: 'codex',
  situations,
  args: ({ prompt, session, restricted }) => [
    ...[
      'exec',
      '--json',
      '-c',
      `sandbox_mode="${restricted ? 'read-only' : 'danger-full-access'}"`,
    ],
    ...(session === undefined ? [] : ['resume', session]),
    prompt,
  ],
  env: {},
  session: (output) => /"thread_id":"([^"]+)"/.exec(output)?.[1],
}
