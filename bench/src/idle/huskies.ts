import { PassThrough } from 'node:stream'
import type { Clock } from '../../../src/kernel/clock.ts'
import type { Log } from '../../../src/kernel/log.ts'
import type { Store } from '../../../src/store/store.ts'
import type { AnyTransport } from '../../../src/transports/transport.ts'
import { subjects } from '../subjects/catalogue.ts'
import type { Subject } from '../subjects/subject.ts'
import { type Loading, type Networks, paired } from './loading.ts'

/** What the transports are made from, beside what is their own. */
interface World {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** Huskies on each network: the transport as people have it, in front of the bot. */
export const huskies: Readonly<Record<string, Loading>> = {
  terminal: () =>
    behind(async () => {
      const { TerminalTransport } = await import(
        '../../../src/transports/terminal/terminal-transport.ts'
      )
      return ({ clock }) =>
        new TerminalTransport({
          ...{ input: new PassThrough(), output: new PassThrough(), person: 'anna', clock },
          ...{ random: Math.random, env: {}, commands: [], onInterrupt: () => {} },
        })
    }),
  telegram: ({ telegram }) =>
    behind(async () => {
      const { TelegramTransport } = await import(
        '../../../src/transports/telegram/telegram-transport.ts'
      )
      return (world) => new TelegramTransport({ ...world, ...telegram, commands: () => [] })
    }),
  slack: ({ slack }) =>
    behind(async () => {
      const { SlackTransport } = await import('../../../src/transports/slack/slack-transport.ts')
      const { Hooks } = await import('../../../src/kernel/hooks.ts')
      return (world) =>
        new SlackTransport({
          ...{ ...world, credentials: slack, commands: () => [], hooks: new Hooks() },
        })
    }),
  matrix: (networks) => onMatrix(networks, false),
  'matrix-encrypted': (networks) => onMatrix(networks, true),
  whatsapp: ({ whatsapp }) =>
    behind(async () => {
      const { WhatsAppTransport } = await import(
        '../../../src/transports/whatsapp/whatsapp-transport.ts'
      )
      // It loads the library with its first connection.
      await import('whatsapp-web.js')
      return (world) =>
        new WhatsAppTransport({
          ...world,
          ...paired(whatsapp),
          env: process.env,
          serves: () => true,
        })
    }),
}

function onMatrix({ matrix }: Networks, encryption: boolean) {
  return behind(async () => {
    const { MatrixTransport } = await import('../../../src/transports/matrix/matrix-transport.ts')
    if (encryption) await import('@matrix-org/matrix-sdk-crypto-nodejs')
    const own = { credentials: matrix, encryption, random: Math.random, mayInvite: () => true }
    return (world) => new MatrixTransport({ ...world, ...own, folder: process.cwd() })
  })
}

/** Puts the bot with its 50 commands behind a transport. */
async function behind(load: () => Promise<(world: World) => AnyTransport>): ReturnType<Loading> {
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
