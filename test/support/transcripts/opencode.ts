import { asked, commonSituations } from './common-situations.ts'
import type { Recorded, Situation } from './situation.ts'

const situations: readonly Situation[] = [
  ...commonSituations.map((it) =>
    it.name === 'resume-unknown' ? { ...it, session: 'ses_0000000000000000000000000000' } : it,
  ),
  {
    name: 'tool-denied',
    env: { OPENCODE_PERMISSION: JSON.stringify({ bash: 'ask' }) },
    script: (it) => it.onPrompt(asked).runs('touch forbidden').says('I may not.'),
  },
  {
    name: '401',
    script: (it) => it.onPrompt(asked).refuses({ status: 401, message: 'Incorrect API key' }),
  },
  {
    name: '400-too-long',
    // It makes a summary of its own, and begins again with that.
    script: (it) => {
      it.onPrompt(/Continue if you have next steps/).says('Done with less.')
      it.onPrompt(asked).refuses({
        status: 400,
        message: 'Your input exceeds the context window of this model.',
        details: { code: 'context_length_exceeded' },
      })
    },
  },
  {
    name: '429',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 429,
        message: 'Rate limit reached',
        type: 'rate_limit_error',
        headers: { 'retry-after': '1' },
      }),
  },
  {
    name: 'overloaded-once',
    script: (it) =>
      it.onPrompt(asked).refuses({ status: 503, message: 'Overloaded' }).says('Done after all.'),
  },
]

export const opencode: Recorded = {
  cli: 'opencode',
  situations,
  args: ({ prompt, session }) => [
    ...['run', '--format', 'json'],
    ...(session === undefined ? [] : ['--session', session]),
    prompt,
  ],
  env: { OPENCODE_DISABLE_AUTOUPDATE: '1' },
  session: (output) => /"sessionID":"([^"]+)"/.exec(output)?.[1],
}
