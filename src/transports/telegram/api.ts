import { Api } from 'grammy'

/** Telegram's methods, by their own names. */
export type TelegramApi = Api['raw']

/** How long Telegram holds a request open when it has nothing to say. */
export const pollSeconds = 25
/** Telegram answers within that, or there is nobody any more. */
export const answerSeconds = pollSeconds + 10

/** Makes the client of one bot. */
export function telegramApi(token: string, apiRoot: string): TelegramApi {
  return new Api(token, { apiRoot, timeoutSeconds: answerSeconds }).raw
}

/** A signal as grammY's types want it: they name a package's class that the platform's equals. */
export function asApiSignal(signal: AbortSignal) {
  return signal as unknown as NonNullable<Parameters<TelegramApi['getMe']>[0]>
}
