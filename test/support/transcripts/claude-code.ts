import { claudeSubscription as subscription } from '../agent-logins.ts'
import type { RefusalSpec } from '../model-api/script.ts'
import { asked, commonSituations } from './common-situations.ts'
import type { Recorded, Situation } from './situation.ts'

/** A moment far away: 2033. */
const reset = '2000000000'
const unified = 'anthropic-ratelimit-unified'
const healthy = {
  [`${unified}-status`]: 'allowed',
  [`${unified}-reset`]: reset,
  [`${unified}-representative-claim`]: 'five_hour',
  [`${unified}-5h-status`]: 'allowed',
  [`${unified}-5h-utilization`]: '0.2',
  [`${unified}-5h-reset`]: reset,
}
const warning = {
  ...healthy,
  [`${unified}-status`]: 'allowed_warning',
  [`${unified}-5h-status`]: 'allowed_warning',
  [`${unified}-5h-utilization`]: '0.92',
  [`${unified}-5h-surpassed-threshold`]: '0.9',
}
const usedUp = {
  ...healthy,
  [`${unified}-status`]: 'rejected',
  [`${unified}-5h-status`]: 'rejected',
  [`${unified}-5h-utilization`]: '1',
  [`${unified}-7d-utilization`]: '0.5',
  [`${unified}-7d-reset`]: '2000500000',
}
const overage = {
  ...usedUp,
  [`${unified}-overage-status`]: 'allowed',
  [`${unified}-overage-reset`]: '2000600000',
  [`${unified}-overage-in-use`]: 'true',
}
const withoutReset = {
  [`${unified}-status`]: 'rejected',
  [`${unified}-representative-claim`]: 'five_hour',
}

const refused = (headers: Readonly<Record<string, string>>): RefusalSpec => ({
  status: 429,
  message: "This request would exceed your account's rate limit. Please try again later.",
  headers,
})
const overloaded = { status: 529, message: 'Overloaded' }

const situations: readonly Situation[] = [
  ...commonSituations,
  {
    name: 'tool-denied',
    restricted: true,
    script: (it) => it.onPrompt(asked).runs('touch forbidden').says('I may not.'),
  },
  {
    name: 'permission-allowed',
    permission: 'allow',
    script: (it) => it.onPrompt(asked).runs('touch allowed').says('It was allowed.'),
  },
  {
    name: 'permission-denied',
    permission: 'deny',
    script: (it) => it.onPrompt(asked).runs('touch forbidden').says('It was denied.'),
  },
  {
    name: 'max-turns',
    args: ['--max-turns', '2'],
    script: (it) => it.onPrompt(asked).runs('echo again').forEver(),
  },
  {
    name: 'max-budget',
    args: ['--max-budget-usd', '0.012'],
    script: (it) => it.onPrompt(asked).runs('echo again').forEver(),
  },
  {
    name: '401',
    env: { CLAUDE_CODE_MAX_RETRIES: '2' },
    script: (it) => it.onPrompt(asked).refuses({ status: 401, message: 'invalid x-api-key' }),
  },
  {
    name: 'no-credit',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 400,
        message: 'Your credit balance is too low to access the Anthropic API.',
      }),
  },
  {
    name: '400-too-long',
    script: (it) =>
      it.onPrompt(asked).refuses({
        status: 400,
        message: 'prompt is too long: 210000 tokens > 200000 maximum',
      }),
  },
  {
    name: '429-with-key',
    env: { CLAUDE_CODE_MAX_RETRIES: '1' },
    script: (it) => it.onPrompt(asked).refuses({ ...refused({}), status: 429 }),
  },
  {
    name: 'subscription',
    env: subscription,
    script: (it) => it.onPrompt(asked).sending({ headers: healthy }).says('Done.'),
  },
  {
    name: 'limit-warning',
    env: subscription,
    script: (it) => it.onPrompt(asked).sending({ headers: warning }).says('Done.'),
  },
  {
    name: 'overage',
    env: subscription,
    script: (it) => it.onPrompt(asked).sending({ headers: overage }).says('Done, for money.'),
  },
  {
    name: 'limit-hard',
    env: subscription,
    script: (it) => it.onPrompt(asked).refuses(refused(usedUp)),
  },
  {
    name: 'limit-hard-in-the-middle',
    env: subscription,
    script: (it) =>
      it.onPrompt(asked).sending({ headers: healthy }).runs('echo half').refuses(refused(usedUp)),
  },
  {
    name: 'limit-hard-no-reset',
    env: subscription,
    script: (it) => it.onPrompt(asked).refuses(refused(withoutReset)),
  },
  {
    name: '529-once',
    script: (it) => it.onPrompt(asked).refuses(overloaded).says('Done after all.'),
  },
  {
    name: '529-for-ever',
    env: { CLAUDE_CODE_MAX_RETRIES: '2' },
    script: (it) => it.onPrompt(asked).refuses(overloaded),
  },
]

export const claudeCode: Recorded = {
  cli: 'claude-code',
  situations,
  args: ({ prompt, session, restricted, tools }) => [
    '-p',
    prompt,
    '--output-format',
    'stream-json',
    '--verbose',
    '--include-partial-messages',
    ...(session === undefined ? [] : ['--resume', session]),
    ...(tools === undefined
      ? ['--permission-mode', restricted ? 'dontAsk' : 'bypassPermissions']
      : ['--permission-prompt-tool', 'mcp__person__ask', '--mcp-config', mcpConfig(tools)]),
  ],
  env: { DISABLE_AUTOUPDATER: '1', IS_SANDBOX: '1' },
  session: (output) => /"session_id":"([^"]+)"/.exec(output)?.[1],
}

function mcpConfig(url: string): string {
  return JSON.stringify({ mcpServers: { person: { type: 'http', url } } })
}
