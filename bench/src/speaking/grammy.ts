import { autoRetry } from '@grammyjs/auto-retry'
import { apiThrottler } from '@grammyjs/transformer-throttler'
import { Api, type Transformer } from 'grammy'
import type { TelegramServer } from '../../../test/support/telegram/telegram-server.ts'
import type { Voice } from './speakers.ts'

/** Waits where it is told to. */
export const makeRetrying = async (server: TelegramServer): Promise<Voice> =>
  voiceOf(server, autoRetry())

/** Holds the limits by itself, and waits where it is told to nevertheless. */
export const makeThrottled = async (server: TelegramServer): Promise<Voice> =>
  voiceOf(server, apiThrottler(), autoRetry())

function voiceOf(server: TelegramServer, ...transformers: Transformer[]): Voice {
  const api = new Api(server.token, { apiRoot: server.url })
  api.config.use(...transformers)
  return {
    async say(chat, texts) {
      for (const text of texts) await api.sendMessage(chat, text)
    },
    async [Symbol.asyncDispose]() {},
  }
}
