import { join } from 'node:path'
import { Delivery } from '../../../src/bot/delivery.ts'
import type { Part } from '../../../src/bot/message.ts'
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

/** Tells when a chat has been sent all that it was to be sent. */
class WatchedTransport extends TelegramTransport {
  readonly #left = new Map<string, { count: number; readonly done: () => void }>()

  /** Resolves when `count` messages have been taken there. */
  sent(room: string, count: number): Promise<void> {
    return new Promise((done) => this.#left.set(room, { count, done }))
  }

  override async send(part: Part, signal: AbortSignal) {
    const receipt = await super.send(part, signal)
    const left = this.#left.get(part.room)
    if (left && --left.count === 0) left.done()
    return receipt
  }
}

/** The outbox, its delivery and the transport, as the program has them. */
export async function makeHuskies(server: TelegramServer): Promise<Voice> {
  const folder = temporaryFolder('speaking')
  const store = Store.open(join(folder.path, 'bot.db'))
  migrate(store, clock.now())
  const outbox = new StoredOutbox(store, clock)
  const parts = { store, outbox, clock, log, random: Math.random }
  const { token, url: apiRoot } = server
  const transport = new WatchedTransport({ ...parts, token, apiRoot, commands: () => [] })
  const supervisor = new Supervisor([transport], { ...parts, tell: () => {}, heard: () => {} })
  const delivery = new Delivery({ ...parts, couriers: supervisor.links })
  const ignore = async () => {}
  supervisor.start({ receive: ignore, edit: ignore, remove: ignore, choose: ignore })
  delivery.start()
  await until(() => server.polled, 'it polls')
  return {
    say(chat, texts) {
      const place = { transport: 'telegram', room: String(chat) }
      const sent = transport.sent(place.room, texts.length)
      store.transaction(() => {
        for (const text of texts) outbox.enqueue({ ...place, text })
      })
      return sent
    },
    async [Symbol.asyncDispose]() {
      await delivery.stop()
      await supervisor.stop()
      store.close()
      folder[Symbol.dispose]()
    },
  }
}
