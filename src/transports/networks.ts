import type { z } from 'zod'
import { botSettings } from '../bot/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { readSecret } from './secret.ts'
import { telegramSettings } from './telegram/settings.ts'
import type { AnyTransport } from './transport.ts'

/** The schema of `.huskies/bot.toml`: a network's table switches it on. */
export const botFile = botSettings.extend({ telegram: telegramSettings.optional() })

/** The chat side's settings with those of the networks. */
export type BotFile = z.infer<typeof botFile>

/** What the networks are opened with. */
export interface NetworkParts {
  /** The folder of bot.toml. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly log: Log
  /** All commands, for a network's menu; asked for once the program runs. */
  readonly commands: () => readonly { readonly name: string; readonly summary: string }[]
}

/**
 * Makes the transports of the networks that are switched on, and loads no other. Throws a `Problem`
 * where a secret is missing or open to others.
 */
export async function openNetworks(
  { telegram }: BotFile,
  parts: NetworkParts,
): Promise<readonly AnyTransport[]> {
  const networks: AnyTransport[] = []
  if (telegram) {
    const { token_file: file, token_env: variable, api_root: apiRoot } = telegram
    const token = readSecret({ table: 'telegram', name: 'token', file, variable }, parts)
    const { TelegramTransport } = await import('./telegram/telegram-transport.ts')
    networks.push(new TelegramTransport({ ...parts, token, apiRoot }))
  }
  return networks
}

/** The environment for other programs: without the variables that hold a network's secrets. */
export function withoutSecrets(env: NodeJS.ProcessEnv, { telegram }: BotFile): NodeJS.ProcessEnv {
  const secret = [telegram?.token_env]
  return Object.fromEntries(Object.entries(env).filter(([name]) => !secret.includes(name)))
}
