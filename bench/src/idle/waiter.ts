import { PassThrough } from 'node:stream'
import type { AnyTransport } from '../../../src/transports/transport.ts'
import { subjects } from '../subjects/catalogue.ts'
import type { Subject } from '../subjects/subject.ts'
import type { Networks } from './networks.ts'

// Connects one bot to its network, tells how long its modules took to load, and waits until its input
// ends.
const [kind = '', given = ''] = process.argv.slice(2)
const { telegram, slack, matrix, whatsapp }: Networks = JSON.parse(given)

/** What the transports are made from, beside what is their own. */
interface World {
  readonly store: import('../../../src/store/store.ts').Store
  readonly clock: import('../../../src/kernel/clock.ts').Clock
  readonly log: import('../../../src/kernel/log.ts').Log
}

/** Loads what a bot needs, and returns how it connects. Each returns how its connection ends. */
type Loading = () => Promise<() => Promise<() => Promise<void>>>

const kinds: Readonly<Record<string, Loading>> = {
  nothing: async () => async () => async () => {},
  terminal: () =>
    huskies(async () => {
      const { TerminalTransport } = await import(
        '../../../src/transports/terminal/terminal-transport.ts'
      )
      return ({ clock }) =>
        new TerminalTransport({
          ...{ input: new PassThrough(), output: new PassThrough(), person: 'anna', clock },
          ...{ random: Math.random, env: {}, commands: [], onInterrupt: () => {} },
        })
    }),
  telegram: () =>
    huskies(async () => {
      const { TelegramTransport } = await import(
        '../../../src/transports/telegram/telegram-transport.ts'
      )
      return (world) => new TelegramTransport({ ...world, ...telegram, commands: () => [] })
    }),
  slack: () =>
    huskies(async () => {
      const { SlackTransport } = await import('../../../src/transports/slack/slack-transport.ts')
      const { Hooks } = await import('../../../src/kernel/hooks.ts')
      return (world) =>
        new SlackTransport({
          ...{ ...world, credentials: slack, commands: () => [], hooks: new Hooks() },
        })
    }),
  matrix: () => huskiesOnMatrix(false),
  'matrix-encrypted': () => huskiesOnMatrix(true),
  whatsapp: () =>
    huskies(async () => {
      const { WhatsAppTransport } = await import(
        '../../../src/transports/whatsapp/whatsapp-transport.ts'
      )
      // It loads the library with its first connection.
      await import('whatsapp-web.js')
      return (world) =>
        new WhatsAppTransport({ ...world, ...paired(), env: process.env, serves: () => true })
    }),
  grammy: async () => {
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
  bolt: async () => {
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
  'matrix-bot-sdk': async () => {
    const { MatrixClient, MemoryStorageProvider } = await import('matrix-bot-sdk')
    return async () => {
      const { homeserver, token } = matrix
      const client = new MatrixClient(homeserver, token, new MemoryStorageProvider())
      client.on('room.message', (room: string) => client.sendText(room, 'Hello.'))
      await client.start()
      return async () => client.stop()
    }
  },
  'whatsapp-web.js': async () => {
    const { Client } = (await import('whatsapp-web.js')).default
    const { launchOptions } = await import('../../../src/transports/whatsapp/chromium.ts')
    const { basename, dirname, join } = await import('node:path')
    return async () => {
      const { state, settings } = paired()
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

const before = performance.now()
const connect = await kinds[kind]?.()
const importMs = performance.now() - before
const disconnect = await connect?.()
process.stdout.write(`${importMs}\n`)
process.stdin
  .on('end', async () => {
    await disconnect?.()
    process.exit(0)
  })
  .resume()

function huskiesOnMatrix(encryption: boolean) {
  return huskies(async () => {
    const { MatrixTransport } = await import('../../../src/transports/matrix/matrix-transport.ts')
    if (encryption) await import('@matrix-org/matrix-sdk-crypto-nodejs')
    const own = { credentials: matrix, encryption, random: Math.random, mayInvite: () => true }
    return (world) => new MatrixTransport({ ...world, ...own, folder: process.cwd() })
  })
}

/** The transport as people have it, in front of the bot with its 50 commands. */
async function huskies(load: () => Promise<(world: World) => AnyTransport>): ReturnType<Loading> {
  const { systemClock: clock } = await import('../../../src/kernel/clock.ts')
  const { silentLog: log } = await import('../../../src/kernel/log.ts')
  const { migrate } = await import('../../../src/store/migrations.ts')
  const { Store } = await import('../../../src/store/store.ts')
  const makeBot = await subjects['huskies-memory'].load()
  const make = await load()
  return async () => {
    const store = Store.open(':memory:')
    migrate(store, 0)
    const handle = (_session: number, texts: readonly string[]) => texts.join(' ')
    const bot = await makeBot({ commands: 50, waits: false, handle, sink: () => {} })
    await bot.deliver(1, 'cmd0 1')
    return connected(make({ store, clock, log }), bot)
  }
}

async function connected(transport: AnyTransport, bot: Subject): Promise<() => Promise<void>> {
  const ending = new AbortController()
  const there = Promise.withResolvers<void>()
  const nothing = async () => {}
  const ended = transport.connect({
    signal: ending.signal,
    listener: {
      receive: async ({ text }) => void (await bot.deliver(1, text)),
      ...{ edit: nothing, remove: nothing, choose: nothing },
    },
    reached: (state) => state === 'connected' && there.resolve(),
    alive: () => {},
  })
  ended.catch(there.reject)
  await there.promise
  return async () => {
    ending.abort()
    await ended
  }
}

function paired() {
  if (!whatsapp) throw new Error('There is no Chromium.')
  return whatsapp
}
