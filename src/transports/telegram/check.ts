import { GrammyError, HttpError } from 'grammy'
import type { z } from 'zod'
import { Problem } from '../../kernel/problem.ts'
import { readSecret } from '../secret.ts'
import { telegramApi } from './api.ts'
import { connectionFailure } from './failures.ts'
import type { telegramSettings } from './settings.ts'
import { webhookTrouble } from './webhook.ts'

/**
 * Uses the credentials once, and returns how the bot is called. Throws `Problem` where they are
 * missing, or not accepted, and where Telegram has not got through to the webhook lately.
 */
export async function checkTelegram(
  settings: z.infer<typeof telegramSettings>,
  world: { readonly folder: string; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const { token_file: file, token_env: variable, api_root: apiRoot, webhook } = settings
  const token = readSecret({ table: 'telegram', name: 'token', file, variable }, world)
  try {
    const api = telegramApi(token, apiRoot)
    const { username } = await api.getMe()
    const info = await api.getWebhookInfo()
    const trouble = info.url === webhook && webhookTrouble(info, 0)
    if (trouble) throw new Problem('no-webhook', trouble)
    return `@${username}`
  } catch (error) {
    if (!(error instanceof GrammyError || error instanceof HttpError)) throw error
    const { kind, message } = connectionFailure(error, 0)
    throw new Problem(kind === 'refused' ? 'refused-credentials' : 'no-connection', message)
  }
}
