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
        ...{ table: 'slack', name },
        file: settings[`${name}_file`],
        variable: settings[`${name}_env`],
      },
      world,
    )
  const { api_root: apiRoot, webhook: url } = settings
  const common = { botToken: secret('bot_token'), apiRoot }
  return url === undefined
    ? { ...common, appToken: secret('app_token') }
    : { ...common, signingSecret: secret('signing_secret'), url }
}
