/** The networks that a person can be led to. */
export const networkNames = ['telegram', 'matrix', 'slack', 'whatsapp'] as const
export type NetworkName = (typeof networkNames)[number]

/** Something that a person must know or make first. */
interface GuideQuestion {
  /** The setting that the answer becomes; of a secret, the one that names its file. */
  readonly key: string
  readonly asks: string
  /** Kept in a file of its own, and not shown while it is typed. */
  readonly secret: boolean
  /** Nothing is an answer, too. */
  readonly optional?: true
}

/** How a person comes to a network's credentials. */
export interface Guide {
  readonly title: string
  /** What is to be done there first. */
  readonly first: string
  readonly questions: readonly GuideQuestion[]
  /** The bot is logged in by hand, and sometimes has to be again. */
  readonly byHand?: true
  /** How a person meets the bot, once it is called `bot`. */
  meeting(bot: string): string
}

export const guides: Readonly<Record<NetworkName, Guide>> = {
  telegram: {
    title: 'Telegram',
    first: `In Telegram, write /newbot to @BotFather and answer its two questions: a name to be seen, and one
that ends in "bot". It gives you a token, such as 123456:ABC-DEF1234ghIkl.`,
    questions: [{ key: 'token', asks: 'The token', secret: true }],
    meeting: (bot) => `In Telegram, open ${bot} and say hello`,
  },
  matrix: {
    title: 'Matrix',
    first: `Make an account for the bot on a server of your choice, as you have made your own: in Element, sign
out and choose "Create account". Nothing but Huskies should use that account.`,
    questions: [
      {
        key: 'homeserver',
        asks: 'The address of its server, such as https://matrix.org',
        secret: false,
      },
      { key: 'user', asks: 'The name of the account', secret: false },
      { key: 'password', asks: 'Its password', secret: true },
    ],
    meeting: (bot) => `In Matrix, begin a direct chat with ${bot} and say hello`,
  },
  slack: {
    title: 'Slack',
    first: `At https://api.slack.com/apps choose "Create New App", "From a manifest", and paste what
"huskies manifest slack" prints. Then make two tokens of the app: at "Install App" the one of the
bot (xoxb-), at "Basic Information", "App-Level Tokens" one with the scope connections:write (xapp-).`,
    questions: [
      { key: 'bot_token', asks: "The bot's token (xoxb-)", secret: true },
      { key: 'app_token', asks: "The app's token (xapp-)", secret: true },
    ],
    meeting: (bot) => `In Slack, open ${bot} under Apps and say hello`,
  },
  whatsapp: {
    title: 'WhatsApp',
    first: `WhatsApp has no door for bots like this one: it uses WhatsApp Web in a browser, as you would, and
WhatsApp may block numbers that do. Take a number of its own for the bot, never yours, and a phone
that is logged in with it. On this machine there must be a Chromium.`,
    questions: [
      {
        key: 'phone',
        asks: 'The number, such as 4915112345678, to type a code on the phone; nothing to scan a picture',
        secret: false,
        optional: true,
      },
    ],
    byHand: true,
    meeting: (bot) => `In WhatsApp, write hello to ${bot}`,
  },
}
