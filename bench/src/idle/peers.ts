import { type Loading, paired } from './loading.ts'

/** The libraries alone, as their documentation says, with one listener each. */
export const peers: Readonly<Record<string, Loading>> = {
  grammy: async ({ telegram }) => {
    const { Bot } = await import('grammy')
    return async () => {
      const bot = new Bot(telegram.token, { client: { apiRoot: telegram.apiRoot } })
      bot.on('message', (context) => context.reply('Hello.'))
      const started = Promise.withResolvers<void>()
      void bot.start({ onStart: () => started.resolve() })
      await started.promise
      return () => bot.stop()
    }
  },
  bolt: async ({ slack }) => {
    const { App, LogLevel } = await import('@slack/bolt')
    return async () => {
      const { botToken: token, appToken, apiRoot: slackApiUrl } = slack
      const app = new App({
        ...{ token, appToken, socketMode: true, logLevel: LogLevel.ERROR },
        clientOptions: { slackApiUrl },
      })
      app.message(/./, async () => {})
      await app.start()
      return async () => {}
    }
  },
  'matrix-bot-sdk': async ({ matrix }) => {
    const { MatrixClient, MemoryStorageProvider } = await import('matrix-bot-sdk')
    return async () => {
      const { homeserver, token } = matrix
      const client = new MatrixClient(homeserver, token, new MemoryStorageProvider())
      client.on('room.message', (room: string) => client.sendText(room, 'Hello.'))
      await client.start()
      return async () => client.stop()
    }
  },
  'whatsapp-web.js': async ({ whatsapp }) => {
    const { Client } = (await import('whatsapp-web.js')).default
    const { launchOptions } = await import('../../../src/transports/whatsapp/chromium.ts')
    const { basename, dirname, join } = await import('node:path')
    return async () => {
      const { state, settings } = paired(whatsapp)
      const client = new Client({
        puppeteer: launchOptions(settings, join(state, 'whatsapp', 'profile'), process.env),
        webVersion: basename(settings.page, '.html'),
        webVersionCache: { type: 'local', path: dirname(settings.page), strict: true },
      })
      client.on('message', (message) => message.reply('Hello.'))
      const ready = new Promise((resolve) => client.once('ready', resolve))
      await client.initialize()
      await ready
      return () => client.destroy()
    }
  },
}
