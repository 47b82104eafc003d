import { join } from 'node:path'
import { z } from 'zod'
import { Access } from '../../../src/bot/access.ts'
import { rest } from '../../../src/bot/arguments.ts'
import { Bot } from '../../../src/bot/bot.ts'
import type { ChatRun } from '../../../src/bot/chat-run.ts'
import { type Command, type CommandContext, defineCommand } from '../../../src/bot/command.ts'
import type { Courier } from '../../../src/bot/courier.ts'
import { Delivery } from '../../../src/bot/delivery.ts'
import { type Inbox, StoredInbox } from '../../../src/bot/inbox.ts'
import { type Outbox, StoredOutbox } from '../../../src/bot/outbox.ts'
import type { Transactions } from '../../../src/bot/persist.ts'
import { Registry } from '../../../src/bot/registry.ts'
import { botSettings } from '../../../src/bot/settings.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import {
  MemoryInbox,
  MemoryOutbox,
  memoryTransactions,
} from '../../../test/support/memory-boxes.ts'
import { temporaryFolder } from '../folder.ts'
import type { MakeSubject, Setup, Subject } from './subject.ts'

/** What the bot keeps its messages in. */
interface Storage extends Disposable {
  readonly store: Transactions
  readonly inbox: Inbox
  readonly outbox: Outbox
}

/** The bot with boxes that forget everything: what its own steps cost, beside peers that keep nothing. */
export const huskiesMemory: MakeSubject = async (setup) => assemble(setup, inMemory(), 'commands')

/** The bot as people run it: every message and every reply in SQLite before it counts. */
export const huskiesDurable: MakeSubject = async (setup) => assemble(setup, onDisk(), 'commands')

/** The same, with free text: the dispatcher joins what is said in quick succession. */
export const huskiesFreeText: MakeSubject = async (setup) => assemble(setup, onDisk(), 'free text')

export function inMemory(): Storage {
  return {
    store: memoryTransactions,
    inbox: new MemoryInbox(),
    outbox: new MemoryOutbox(),
    [Symbol.dispose]() {},
  }
}

export function onDisk() {
  const folder = temporaryFolder('bot')
  const store = Store.open(join(folder.path, 'bot.db'))
  migrate(store, systemClock.now())
  return {
    store,
    inbox: new StoredInbox(store),
    outbox: new StoredOutbox(store, systemClock),
    [Symbol.dispose]() {
      store.close()
      folder[Symbol.dispose]()
    },
  }
}

/** A bot that takes messages and answers them into the sink. */
export function assemble(
  setup: Setup,
  storage: Storage,
  speech: 'commands' | 'free text',
): Subject {
  const { store, inbox, outbox } = storage
  const parts = { store, inbox, outbox, clock: systemClock, log: silentLog }
  const bot = new Bot({
    ...parts,
    names: ['huskies'],
    settings: botSettings.parse({}),
    access: new Access({ admins: [], members: ['sink:anna'], viewers: [] }),
    registry: new Registry(commandsOf(setup)),
    chatRun: chatOf(setup),
  })
  const delivery = new Delivery({ ...parts, couriers: [courierOf(setup)], random: Math.random })
  bot.start()
  delivery.start()
  let events = 0
  return {
    deliver: (session, text) =>
      bot.receive({
        transport: 'sink',
        room: String(session),
        eventId: String(events++),
        sender: { id: 'sink:anna', name: 'Anna' },
        text: speech === 'commands' ? text : `Please have a look at ${text}.`,
        direct: true,
        addressed: true,
        at: 0,
      }),
    settles: 'accepted',
    async close() {
      await bot.stop()
      await delivery.stop()
      storage[Symbol.dispose]()
    },
  }
}

function commandsOf({ commands, handle, waits }: Setup): Command[] {
  const answer = ({ text }: { text: string }, { place }: CommandContext) =>
    handle(Number(place.room), [text])
  return Array.from({ length: commands }, (_, k) =>
    defineCommand({
      name: `cmd${k}`,
      group: 'chat',
      summary: 'Answers',
      role: 'member',
      input: z.object({ text: rest(z.string()) }),
      run: waits
        ? { answer: async (input, context) => answer(input, context) }
        : { change: (input, context) => answer(input, context) as string },
    }),
  )
}

function chatOf({ handle }: Setup): ChatRun {
  return {
    async run({ place, text }, say) {
      const texts = [...text.matchAll(/cmd0 (\d+)/g)].map((match) => match[1] ?? '')
      say(await handle(Number(place.room), texts))
    },
  }
}

function courierOf({ sink }: Setup): Courier {
  return {
    name: 'sink',
    capabilities: { edit: 'none', idempotentSend: false },
    parts: (message) => [message],
    async send({ text }) {
      sink(text)
      return { messageId: '1' }
    },
  }
}
