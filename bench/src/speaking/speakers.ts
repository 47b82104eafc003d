import type { TelegramServer } from '../../../test/support/telegram/telegram-server.ts'

/** Whoever says long answers in many chats at once. */
export interface Voice extends AsyncDisposable {
  /** Says these in the chat, one after the other; resolves once Telegram has taken the last. */
  say(chat: number, texts: readonly string[]): Promise<unknown>
}

type MakeVoice = (server: TelegramServer) => Promise<Voice>

/** The speakers that are compared; each is loaded in a process of its own. */
export const speakers = {
  huskies: {
    label: 'Huskies, durable',
    load: async (): Promise<MakeVoice> => (await import('./huskies.ts')).makeHuskies,
  },
  retry: {
    label: 'grammY, auto-retry',
    load: async (): Promise<MakeVoice> => (await import('./grammy.ts')).makeRetrying,
  },
  throttler: {
    label: 'grammY, auto-retry and throttler',
    load: async (): Promise<MakeVoice> => (await import('./grammy.ts')).makeThrottled,
  },
} as const

export type SpeakerName = keyof typeof speakers
