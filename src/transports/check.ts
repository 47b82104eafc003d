import type { NetworkName } from './guides.ts'
import type { BotFile } from './networks.ts'

/** Where credentials are found, and where logins are kept. */
export interface CheckWorld {
  /** The folder of bot.toml. */
  readonly folder: string
  readonly state: string
  readonly env: NodeJS.ProcessEnv
  /** Shows something to the person who is there to log the bot in, where that is done by hand. */
  readonly show?: (text: string) => void
}

/**
 * Uses a network's credentials once, and returns how the bot is called there; undefined where
 * bot.toml does not name the network. Throws `Problem` with what is wrong and how to mend it.
 */
export async function checkNetwork(
  name: NetworkName,
  { telegram, matrix, slack, whatsapp }: BotFile,
  world: CheckWorld,
): Promise<string | undefined> {
  switch (name) {
    case 'telegram':
      return telegram && (await import('./telegram/check.ts')).checkTelegram(telegram, world)
    case 'matrix':
      return matrix && (await import('./matrix/check.ts')).checkMatrix(matrix, world)
    case 'slack':
      return slack && (await import('./slack/check.ts')).checkSlack(slack, world)
    case 'whatsapp':
      return whatsapp && (await import('./whatsapp/check.ts')).checkWhatsApp(whatsapp, world)
  }
}
