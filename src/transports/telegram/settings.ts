import { z } from 'zod'

/** The table `[telegram]` of bot.toml: a bot of @BotFather's. */
export const telegramSettings = z.strictObject({
  token_file: z.string().min(1).optional(),
  token_env: z.string().min(1).optional(),
  /** Another server than Telegram's own: one that people run for themselves. */
  api_root: z
    .url()
    .regex(/[^/]$/, 'leave out the slash at its end')
    .default('https://api.telegram.org'),
  /**
   * The address at which Telegram calls the bot, instead of being polled: that of a proxy which hands it
   * on to `/hooks/telegram` of this program.
   */
  webhook: z.url({ protocol: /^https?$/ }).optional(),
})
