import { geminiSettings } from '../agent-logins.ts'
import type { RefusalSpec } from '../model-api/script.ts'
import { asked, commonSituations } from './common-situations.ts'
import type { Recorded, Situation } from './situation.ts'

const quota = 'generativelanguage.googleapis.com/generate_content_free_tier_requests'

const situations: readonly Situation[] = [
  ...commonSituations,
  // Without leave, the tools that change anything are not even offered: nothing is ever denied.
  {
    name: 'max-turns',
    home: {
      '.gemini/settings.json': JSON.stringify({ ...geminiSettings, model: { maxSessionTurns: 2 } }),
    },
    script: (it) => it.onPrompt(asked).runs('echo again').forEver(),
  },
  {
    name: 'no-login',
    env: { GEMINI_API_KEY: '' },
    script: () => {},
  },
  {
    name: '401',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 400,
        message: 'API key not valid. Please pass a valid API key.',
        type: 'INVALID_ARGUMENT',
        details: {
          details: [
            { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' },
          ],
        },
      }),
  },
  {
    name: '400-too-long',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 400,
        message: 'The input token count (2100000) exceeds the maximum number of tokens allowed.',
        type: 'INVALID_ARGUMENT',
      }),
  },
  {
    name: '429',
    script: (it) =>
      it
        .onPrompt(asked)
        .refuses({
          status: 429,
          message: 'Resource has been exhausted (e.g. check quota).',
          type: 'RESOURCE_EXHAUSTED',
        })
        .says('Done after all.'),
  },
  {
    name: 'limit-hard',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 429,
        message: `You exceeded your current quota. Quota exceeded for metric: ${quota}, limit: 0`,
        type: 'RESOURCE_EXHAUSTED',
        details: {
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
              violations: [
                { quotaMetric: quota, quotaId: 'GenerateRequestsPerDayPerProjectPerModel' },
              ],
            },
          ],
        },
      }),
  },
  {
    name: 'limit-hard-with-reset',
    script: (it) => it.onPrompt(asked).refuses(exhausted()),
  },
  {
    // It waits by itself then, for as long as the service says; until it is killed here.
    name: 'limit-waits',
    script: (it) =>
      it
        .onPrompt(asked)
        .refuses(
          exhausted({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '8130s' }),
        ),
  },
  {
    name: 'overloaded-once',
    script: (it) =>
      it
        .onPrompt(asked)
        .refuses({ status: 503, message: 'The model is overloaded.', type: 'UNAVAILABLE' })
        .says('Done after all.'),
  },
]

function exhausted(...more: readonly object[]): RefusalSpec {
  const type = 'type.googleapis.com/google.rpc.ErrorInfo'
  const domain = 'cloudcode-pa.googleapis.com'
  return {
    status: 429,
    message:
      'You have exhausted your capacity on this model. Your quota will reset after 2h15m30s.',
    type: 'RESOURCE_EXHAUSTED',
    details: { details: [{ '@type': type, reason: 'QUOTA_EXHAUSTED', domain }, ...more] },
  }
}

export const gemini: Recorded = {
  cli: 'gemini',
  situations,
  args: ({ prompt, session }) => [
    ...['-p', prompt, '-o', 'stream-json', '--skip-trust'],
    ...['--approval-mode', 'yolo'],
    ...(session === undefined ? [] : ['--resume', session]),
  ],
  env: {},
  session: (output) => /"session_id":"([^"]+)"/.exec(output)?.[1],
}
