import { randomBytes } from 'node:crypto'
import { Bot, BotError, webhookCallback } from 'grammy'
import type { Update, UserFromGetMe, WebhookInfo } from 'grammy/types'
import { pause } from '../../kernel/clock.ts'
import type { HookCall, Hooks } from '../../kernel/hooks.ts'
import { ConnectionFailure, type Line } from '../transport.ts'
import { asApiSignal } from './api.ts'
import { anotherProgram } from './failures.ts'
import { type HearingParts, hand, updatesWanted } from './hearing.ts'

export interface WebhookParts extends HearingParts {
  /** The address that Telegram calls: a proxy hands it on to `/hooks/telegram` of the program. */
  readonly url: string
  readonly hooks: Hooks
  readonly me: UserFromGetMe
}

/** How often Telegram is asked whether it can call. */
const lookMs = 30_000
/** The same while there is something that it has not told yet. */
const catchUpMs = 1000

/**
 * Has Telegram call for what people say, until the line ends. Each call is answered when all of it is
 * stored: any other comes again. Telegram calls once at a time, so that everything keeps its order; and
 * it goes on trying when the program has ended, as long as it keeps what was said.
 */
export async function beCalled(line: Line, parts: WebhookParts): Promise<void> {
  const { api, clock, hooks, url } = parts
  const signal = asApiSignal(line.signal)
  const secret = randomBytes(32).toString('base64url')
  const answer = answering(line, parts, secret)
  const close = hooks.open('telegram', { host: new URL(url).host, answer })
  try {
    const since = Math.floor(clock.now() / 1000)
    const wanted = { url, secret_token: secret, max_connections: 1, allowed_updates: updatesWanted }
    await api.setWebhook(wanted, signal)
    line.reached('catching-up')
    while (!line.signal.aborted) {
      const info = await api.getWebhookInfo(signal)
      line.alive()
      if (info.url !== url) throw new ConnectionFailure('conflict', anotherProgram)
      const trouble = webhookTrouble(info, since)
      if (trouble) throw new ConnectionFailure('lost', trouble)
      const isCaughtUp = info.pending_update_count === 0
      if (isCaughtUp) line.reached('connected')
      await pause(clock, isCaughtUp ? lookMs : catchUpMs, line.signal)
    }
  } finally {
    close()
  }
}

/** Why Telegram does not seem to get through with what it has to tell; undefined where it does. */
export function webhookTrouble(
  { last_error_date: at, last_error_message: message, pending_update_count: left }: WebhookInfo,
  since: number,
): string | undefined {
  if (left === 0 || at === undefined || at < since) return undefined
  return `Telegram cannot hand over what people say ("${message}"): see that your proxy hands the address of \`webhook\` on to /hooks/telegram at the port of [http] in bot.toml.`
}

/** What goes through grammY only hands on. Its errors hold all that it has: the token is nothing for it. */
function answering(line: Line, parts: WebhookParts, secret: string) {
  const bot = new Bot('none', { botInfo: parts.me })
  bot.use(({ update }) => hand(update, line, parts))
  const options = { secretToken: secret, timeoutMilliseconds: Number.POSITIVE_INFINITY }
  const answer = webhookCallback(bot, exchange, options)
  return (call: HookCall) =>
    answer(call).catch((error: unknown) => {
      throw error instanceof BotError ? error.error : error
    })
}

/** A call as grammY reads and answers it. */
function exchange({ headers, body }: HookCall) {
  const { promise, resolve } = Promise.withResolvers<number>()
  const secret = headers['x-telegram-bot-api-secret-token']
  return {
    update: body as Update,
    ...(typeof secret === 'string' && { header: secret }),
    end: () => resolve(200),
    respond: () => resolve(200),
    unauthorized: () => resolve(401),
    handlerReturn: promise,
  }
}
