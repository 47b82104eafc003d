import { once } from 'node:events'
import { z } from 'zod'
import { Access } from '../../src/bot/access.ts'
import { positional } from '../../src/bot/arguments.ts'
import { Bot } from '../../src/bot/bot.ts'
import { type Command, defineCommand } from '../../src/bot/command.ts'
import { Delivery } from '../../src/bot/delivery.ts'
import { StoredInbox } from '../../src/bot/inbox.ts'
import { StoredOutbox } from '../../src/bot/outbox.ts'
import { Registry } from '../../src/bot/registry.ts'
import { botSettings } from '../../src/bot/settings.ts'
import { type Clock, systemClock as clock } from '../../src/kernel/clock.ts'
import { type Log, silentLog as log } from '../../src/kernel/log.ts'
import { migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'
import { Supervisor } from '../../src/transports/supervisor.ts'
import type { AnyTransport } from '../../src/transports/transport.ts'

/** What every transport is made with. */
interface Parts {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly commands: () => readonly Command[]
}

/**
 * A program that only chats: the bot, its boxes and one transport, without a pipeline, so that it
 * starts in a moment. It answers each `count N`, and keeps how often it did. It begins with the first
 * byte of its input, so that the time that loading takes can be spent before.
 */
export async function chat(
  database: string,
  people: readonly string[],
  make: (parts: Parts) => AnyTransport,
): Promise<void> {
  process.stdout.write('loaded')
  await once(process.stdin, 'data')
  const store = Store.open(database)
  migrate(store, clock.now())
  const registry = new Registry([counting(store)])
  const inbox = new StoredInbox(store)
  const outbox = new StoredOutbox(store, clock)
  const parts = { store, inbox, outbox, clock, log, random: Math.random }
  const transport = unlimited(make({ store, clock, log, commands: () => registry.commands }))
  const supervisor = new Supervisor([transport], { ...parts, tell: () => {}, heard: () => {} })
  const bot = new Bot({
    ...{ ...parts, registry, names: ['Huskies'], settings: botSettings.parse({}) },
    access: new Access({ admins: [], members: people, viewers: [] }),
  })
  const delivery = new Delivery({ ...parts, couriers: supervisor.links })
  delivery.start()
  bot.start()
  supervisor.start(bot)
}

/** Many messages are to be on their way when the program is killed. */
function unlimited(transport: AnyTransport): AnyTransport {
  const capabilities = { ...transport.capabilities, rates: () => [], overallRates: [] }
  return Object.assign(transport, { capabilities })
}

function counting({ db }: Store): Command {
  db.exec('CREATE TABLE IF NOT EXISTS counted (number INTEGER PRIMARY KEY, times INTEGER)')
  const count = db.prepare(
    'INSERT INTO counted VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1',
  )
  return defineCommand({
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
  })
}
