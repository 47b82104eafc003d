import type { CliName } from './agent-clis.ts'
import type { RefusalSpec } from './model-api/script.ts'

/** What makes an agent program take the scripted model for its service. */
export interface Login {
  readonly env: Readonly<Record<string, string>>
  /** Files of its home folder, by their paths in it. */
  readonly home: Readonly<Record<string, string>>
}

/** The login of a program at the scripted model whose address is `api`. */
export function loginOf(cli: CliName, api: string): Login {
  return logins[cli](api)
}

const key = 'key-for-nothing'

/** A person's subscription of Claude Code instead of a key: only then its service tells of limits. */
export const claudeSubscription = {
  ANTHROPIC_API_KEY: '',
  CLAUDE_CODE_OAUTH_TOKEN: 'token-for-nothing',
}

/** What its service says at the limit of a subscription; `resetsAt` in seconds since the epoch. */
export function claudeLimit(resetsAt: number): RefusalSpec {
  return {
    status: 429,
    message: "This request would exceed your account's rate limit. Please try again later.",
    headers: {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': String(resetsAt),
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    },
  }
}

const logins: { readonly [C in CliName]: (api: string) => Login } = {
  'claude-code': (api) => ({
    env: {
      ANTHROPIC_BASE_URL: api,
      ANTHROPIC_API_KEY: key,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    home: {},
  }),
  // A provider of our own, with which it does not try again for minutes.
  codex: (api) => ({
    env: { OPENAI_API_KEY: key },
    home: {
      '.codex/config.toml': `model = "gpt-5.5"
model_provider = "scripted"
[analytics]
enabled = false
[model_providers.scripted]
name = "scripted"
base_url = "${api}/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
request_max_retries = 1
stream_max_retries = 1
`,
    },
  }),
  gemini: (api) => ({
    env: { GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: api, GEMINI_MODEL: 'gemini-2.5-pro' },
    home: { '.gemini/settings.json': JSON.stringify(geminiSettings) },
  }),
  opencode: (api) => ({
    env: {
      OPENCODE_CONFIG_CONTENT: JSON.stringify(opencodeSettings(api)),
      OPENCODE_DISABLE_MODELS_FETCH: '1',
    },
    home: {},
  }),
}

export const geminiSettings = {
  security: { auth: { selectedType: 'gemini-api-key' } },
  privacy: { usageStatisticsEnabled: false },
}

function opencodeSettings(api: string): object {
  const model = {
    name: 'Scripted',
    limit: { context: 200_000, output: 8_000 },
    cost: { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75 },
  }
  return {
    share: 'disabled',
    model: 'scripted/one',
    provider: {
      scripted: {
        npm: '@ai-sdk/openai-compatible',
        name: 'Scripted',
        options: { baseURL: `${api}/v1`, apiKey: key },
        models: { one: model },
      },
    },
  }
}
