import { Problem } from '../../kernel/problem.ts'
import { readSecret } from '../secret.ts'
import type { SlackSettings } from './settings.ts'

/** What the bot speaks with, and what it listens with. */
export type SlackCredentials = {
  readonly botToken: string
  readonly apiRoot: string
} & (SocketCredentials | CallCredentials)

/** The program connects to Slack. */
interface SocketCredentials {
  readonly appToken: string
}

/** Slack calls the program. */
interface CallCredentials {
  readonly signingSecret: string
  /** The address that it calls. */
  readonly url: string
}

/** Reads what the settings name. Throws `Problem` where it is not to be found. */
export function slackCredentials(
  settings: SlackSettings,
  world: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): SlackCredentials {
  const secret = (name: 'bot_token' | 'app_token' | 'signing_secret') =>
    readSecret(
      {
        table: 'slack',
        name,
        file: settings[`${name}_file`],
        variable: settings[`${name}_env`],
      },
      world,
    )
  const { api_root: apiRoot, webhook: url } = settings
  const common = { botToken: token(secret('bot_token'), 'xoxb-'), apiRoot }
  return url === undefined
    ? { ...common, appToken: token(secret('app_token'), 'xapp-') }
    : { ...common, signingSecret: secret('signing_secret'), url }
}

/** Throws `Problem` where something else stands in the place of a token; nobody is told what. */
function token(secret: string, prefix: string): string {
  if (secret.startsWith(prefix) && /^[\w-]+$/.test(secret)) return secret
  throw new Problem(
    'no-token',
    `Slack's token that begins with ${prefix} is needed, and what was given in its place is none: copy it once more, with nothing around it.`,
  )
}
