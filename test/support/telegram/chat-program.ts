/**
 * A program that only chats: the bot, its boxes and the Telegram transport, without a pipeline, so
 * that it starts in a moment. It answers each `count N`, and keeps how often it did. Its arguments
 * are the database, the server's address and token, and who may talk to it. It begins with the first
 * byte of its input, so that the time that loading takes can be spent before.
 */
import { once } from 'node:events'
import { z } from 'zod'
import { Access } from '../../../src/bot/access.ts'
import { positional } from '../../../src/bot/arguments.ts'
import { Bot } from '../../../src/bot/bot.ts'
import { defineCommand } from '../../../src/bot/command.ts'
import { Delivery } from '../../../src/bot/delivery.ts'
import { StoredInbox } from '../../../src/bot/inbox.ts'
import { StoredOutbox } from '../../../src/bot/outbox.ts'
import { Registry } from '../../../src/bot/registry.ts'
import { botSettings } from '../../../src/bot/settings.ts'
import { systemClock as clock } from '../../../src/kernel/clock.ts'
import { silentLog as log } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { Supervisor } from '../../../src/transports/supervisor.ts'
import { TelegramTransport } from '../../../src/transports/telegram/telegram-transport.ts'

const [database = '', apiRoot = '', token = '', ...people] = process.argv.slice(2)

/** Many messages are to be on their way when the program is killed. */
class HastyTransport extends TelegramTransport {
  override readonly capabilities = {
    ...new TelegramTransport({ token, apiRoot, store, clock, log, commands: () => [] })
      .capabilities,
    rates: () => [],
    overallRates: [],
  }
}

process.stdout.write('loaded')
await once(process.stdin, 'data')
const store = Store.open(database)
migrate(store, clock.now())
store.db.exec('CREATE TABLE IF NOT EXISTS counted (number INTEGER PRIMARY KEY, times INTEGER)')
const count = store.db.prepare(
  'INSERT INTO counted VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1',
)
const registry = new Registry([
  defineCommand({
    name: 'count',
    group: 'chat',
    summary: 'Count a number',
    role: 'member',
    input: z.object({ number: positional(z.int()) }),
    run: {
      change({ number }) {
        count.run(number)
        return `Counted ${number}.`
      },
    },
  }),
])
const inbox = new StoredInbox(store)
const outbox = new StoredOutbox(store, clock)
const parts = { store, inbox, outbox, clock, log, random: Math.random }
const transport = new HastyTransport({
  ...{ token, apiRoot, store, clock, log },
  commands: () => registry.commands,
})
const supervisor = new Supervisor([transport], { ...parts, tell: () => {}, heard: () => {} })
const bot = new Bot({
  ...{ ...parts, registry, names: ['Huskies'], settings: botSettings.parse({}) },
  access: new Access({ admins: [], members: people, viewers: [] }),
})
const delivery = new Delivery({ ...parts, couriers: supervisor.links })
delivery.start()
bot.start()
supervisor.start(bot)
