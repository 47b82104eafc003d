import { z } from 'zod'

/** The table `[slack]` of bot.toml: an app of one's own, in Socket Mode or called over HTTP. */
export const slackSettings = z.strictObject({
  /** The bot's token, `xoxb-`. */
  bot_token_file: z.string().min(1).optional(),
  bot_token_env: z.string().min(1).optional(),
  /** The app's token, `xapp-`, with which the connection is made. */
  app_token_file: z.string().min(1).optional(),
  app_token_env: z.string().min(1).optional(),
  /**
   * The address at which Slack calls the program, instead of being connected to: that of a proxy which
   * hands it on to `/hooks/slack` of this program.
   */
  webhook: z
    .url({ protocol: /^https?$/, error: 'write an address such as https://bot.example.org/slack' })
    .optional(),
  /** What Slack signs its calls with. */
  signing_secret_file: z.string().min(1).optional(),
  signing_secret_env: z.string().min(1).optional(),
  /** Another address than Slack's own: a proxy, or GovSlack's. */
  api_root: z.url().regex(/\/$/, 'end it with a slash').default('https://slack.com/api/'),
})

/** The settings of Slack, with every default filled in. */
export type SlackSettings = z.infer<typeof slackSettings>
