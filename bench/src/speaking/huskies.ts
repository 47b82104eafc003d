import { join } from 'node:path'
import { Delivery } from '../../../src/bot/delivery.ts'
import { StoredOutbox } from '../../../src/bot/outbox.ts'
import { systemClock as clock } from '../../../src/kernel/clock.ts'
import { silentLog as log } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { Supervisor } from '../../../src/transports/supervisor.ts'
import { TelegramTransport } from '../../../src/transports/telegram/telegram-transport.ts'
import type { TelegramServer } from '../../../test/support/telegram/telegram-server.ts'
import { until } from '../../../test/support/until.ts'
import { temporaryFolder } from '../folder.ts'
import type { Voice } from './speakers.ts'

const patienceMs = 3_600_000

/** The outbox, its delivery and the transport, as the program has them. */
export async function makeHuskies(server: TelegramServer): Promise<Voice> {
  const folder = temporaryFolder('speaking')
  const store = Store.open(join(folder.path, 'bot.db'))
  migrate(store, clock.now())
  const outbox = new StoredOutbox(store, clock)
  const parts = { store, outbox, clock, log, random: Math.random }
  const { token, url: apiRoot } = server
  const transport = new TelegramTransport({ ...parts, token, apiRoot, commands: () => [] })
  const supervisor = new Supervisor([transport], { ...parts, tell: () => {}, heard: () => {} })
  const delivery = new Delivery({ ...parts, couriers: supervisor.links })
  const ignore = async () => {}
  supervisor.start({ receive: ignore, edit: ignore, remove: ignore, choose: ignore })
  delivery.start()
  await until(() => server.polled, 'it polls')
  return {
    async say(chat, texts) {
      const place = { transport: 'telegram', room: String(chat) }
      store.transaction(() => {
        for (const text of texts) outbox.enqueue({ ...place, text })
      })
      const isSaid = () => server.chats.in(chat).length >= texts.length
      await until(isSaid, 'all is said', patienceMs)
    },
    async [Symbol.asyncDispose]() {
      await delivery.stop()
      await supervisor.stop()
      store.close()
      folder[Symbol.dispose]()
    },
  }
}
