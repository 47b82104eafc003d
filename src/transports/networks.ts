import { join } from 'node:path'
import type { z } from 'zod'
import type { Command } from '../bot/command.ts'
import { botSettings } from '../bot/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Hooks } from '../kernel/hooks.ts'
import type { Log } from '../kernel/log.ts'
import type { Store } from '../store/store.ts'
import { matrixCredentials } from './matrix/credentials.ts'
import { matrixSettings } from './matrix/settings.ts'
import { readSecret } from './secret.ts'
import { slackCredentials } from './slack/credentials.ts'
import { slackSettings } from './slack/settings.ts'
import { telegramSettings } from './telegram/settings.ts'
import type { AnyTransport } from './transport.ts'
import { whatsappSettings } from './whatsapp/settings.ts'

/** The schema of `.huskies/bot.toml`: a network's table switches it on. */
export const botFile = botSettings
  .extend({
    matrix: matrixSettings.optional(),
    slack: slackSettings.optional(),
    telegram: telegramSettings.optional(),
    whatsapp: whatsappSettings.optional(),
  })
  .refine(({ http, slack, telegram }) => http.port || !(slack?.webhook || telegram?.webhook), {
    path: ['http', 'port'],
    error:
      'set it where there is a `webhook`, since a proxy must find huskies at the same port each time',
  })

/** The chat side's settings with those of the networks. */
export type BotFile = z.infer<typeof botFile>

/** What the networks are opened with. */
export interface NetworkParts {
  /** The folder of bot.toml. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Where logins and keys lie. */
  readonly state: string
  readonly store: Store
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  /** Whether the bot serves the person: then they may bring it into their rooms. */
  readonly serves: (person: string) => boolean
  /** All commands, for a network's menu; asked for once the program runs. */
  readonly commands: () => readonly Command[]
  /** Where networks may call the program. */
  readonly hooks: Hooks
}

/**
 * Makes the transports of the networks that are switched on, and loads no other. Throws a `Problem`
 * where a secret is missing or open to others.
 */
export async function openNetworks(
  { matrix, slack, telegram, whatsapp }: BotFile,
  parts: NetworkParts,
): Promise<readonly AnyTransport[]> {
  const networks: AnyTransport[] = []
  if (telegram) {
    const { token_file: file, token_env: variable, api_root: apiRoot } = telegram
    const token = readSecret({ table: 'telegram', name: 'token', file, variable }, parts)
    const { TelegramTransport } = await import('./telegram/telegram-transport.ts')
    const { webhook: url } = telegram
    const webhook = url === undefined ? {} : { webhook: { url, hooks: parts.hooks } }
    networks.push(new TelegramTransport({ ...parts, ...webhook, token, apiRoot }))
  }
  if (matrix) {
    const credentials = matrixCredentials(matrix, parts)
    const { MatrixTransport } = await import('./matrix/matrix-transport.ts')
    const folder = join(parts.state, 'matrix')
    const { encryption } = matrix
    const mayInvite = parts.serves
    networks.push(new MatrixTransport({ ...parts, credentials, encryption, folder, mayInvite }))
  }
  if (slack) {
    const credentials = slackCredentials(slack, parts)
    const { SlackTransport } = await import('./slack/slack-transport.ts')
    networks.push(new SlackTransport({ ...parts, credentials }))
  }
  if (whatsapp) {
    const { WhatsAppTransport } = await import('./whatsapp/whatsapp-transport.ts')
    networks.push(new WhatsAppTransport({ ...parts, settings: whatsapp }))
  }
  return networks
}

/** The environment for other programs: without the variables that hold a network's secrets. */
export function withoutSecrets(
  env: NodeJS.ProcessEnv,
  { matrix, slack, telegram }: BotFile,
): NodeJS.ProcessEnv {
  const secret = [
    ...[telegram?.token_env, matrix?.token_env, matrix?.password_env],
    ...[slack?.bot_token_env, slack?.app_token_env, slack?.signing_secret_env],
  ]
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.includes(name)))
}
