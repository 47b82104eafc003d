import { join } from 'node:path'
import { systemClock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import { isHeld } from '../../store/lock.ts'
import { slackApi } from './api.ts'
import { slackCredentials } from './credentials.ts'
import { connectionFailure } from './failures.ts'
import { scopes } from './manifest.ts'
import type { SlackSettings } from './settings.ts'
import { countOthers, wanted } from './sockets.ts'

const never = new AbortController().signal

/**
 * Uses each token once, and returns how the bot is called. Throws `Problem` where one is missing or
 * not accepted, the app lacks a permission, or another program listens for it.
 */
export async function checkSlack(
  settings: SlackSettings,
  world: { readonly folder: string; readonly state: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const credentials = slackCredentials(settings, world)
  const { botToken, apiRoot } = credentials
  const bot = await tried('bot', () => slackApi(botToken, apiRoot, never).auth.test())
  const granted = bot.response_metadata?.scopes
  const missing = granted ? scopes.filter((scope) => !granted.includes(scope)) : []
  if (missing.length > 0)
    throw new Problem(
      'missing-scope',
      `The app lacks ${missing.join(', ')}: give it what "huskies manifest slack" lists, and install it anew.`,
    )
  if ('appToken' in credentials) {
    const { appToken } = credentials
    const parts = { appToken, apiRoot, clock: systemClock, signal: never }
    const others = await tried('app', () => countOthers(parts))
    if (others > (isHeld(join(world.state, 'lock')) ? wanted : 0))
      throw new Problem(
        'other-listener',
        'Another program listens for this app, and would get a part of what is said: end that program, or give this one an app of its own. A program that has just ended counts for another minute.',
      )
  }
  return `@${bot.user}`
}

async function tried<Answer>(token: 'bot' | 'app', ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    const { kind, message } = connectionFailure(error, systemClock.now(), token)
    throw new Problem(kind === 'refused' ? 'refused-credentials' : 'no-connection', message)
  }
}
