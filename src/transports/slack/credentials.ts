import { readSecret } from '../secret.ts'
import type { SlackSettings } from './settings.ts'

/** What the bot speaks with, and what it listens with. */
export interface SlackCredentials {
  readonly botToken: string
  readonly appToken: string
  readonly apiRoot: string
}

/** Reads both tokens. Throws `Problem` where one is not to be found. */
export function slackCredentials(
  settings: SlackSettings,
  world: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): SlackCredentials {
  const secret = (name: 'bot_token' | 'app_token') =>
    readSecret(
      {
        ...{ table: 'slack', name },
        file: settings[`${name}_file`],
        variable: settings[`${name}_env`],
      },
      world,
    )
  return {
    botToken: secret('bot_token'),
    appToken: secret('app_token'),
    apiRoot: settings.api_root,
  }
}
