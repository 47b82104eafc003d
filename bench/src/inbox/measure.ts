import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { StoredInbox } from '../../../src/bot/inbox.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { temporaryFolder } from '../folder.ts'
import { quantile } from '../statistics.ts'

/** The ways of making something durable. */
export type Way = 'fdatasync' | 'sqlite' | 'inbox'

export interface InboxInput {
  readonly way: Way
  /** How many messages are stored together (SQLite), or handed in at the same time (inbox). */
  readonly together: number
  readonly rounds: number
  readonly roundMs: number
}

/** One entry for each round; times in ms until what was handed in together is durable. */
export interface InboxResult {
  readonly perSecond: readonly number[]
  readonly p50: readonly number[]
  readonly p99: readonly number[]
}

/** Makes as many messages durable as it is told to, and resolves when they are. */
type Step = () => unknown

export async function measure(input: InboxInput): Promise<InboxResult> {
  using folder = temporaryFolder('inbox')
  const step = ways[input.way](folder.path, input.together)
  await round(step, input)
  const rounds = []
  for (let k = 0; k < input.rounds; k++) rounds.push(await round(step, input))
  return {
    perSecond: rounds.map(({ perSecond }) => perSecond),
    p50: rounds.map(({ p50 }) => p50),
    p99: rounds.map(({ p99 }) => p99),
  }
}

const ways: Record<Way, (folder: string, together: number) => Step> = {
  /** Appends 4 KiB to a file and waits for the disk: no durable store can be quicker. */
  fdatasync(folder) {
    const file = openSync(join(folder, 'file'), 'a')
    process.once('exit', () => closeSync(file))
    const block = Buffer.alloc(4096, 'x')
    return () => {
      writeSync(file, block)
      fdatasyncSync(file)
    }
  },

  /** The inbox's own rows in its own table, without the inbox. */
  sqlite(folder, together) {
    const { db } = openStore(folder)
    const insert = db.prepare(
      `INSERT INTO inbox (transport, event_id, room, sender_id, sender_name, text, direct, addressed, sent_at)
       VALUES (?, ?, ?, ?, ?, ?, 1, 1, ?)`,
    )
    const store = db.transaction(() => {
      for (let k = 0; k < together; k++) {
        const { transport, eventId, room, sender, text, at } = nextMessage()
        insert.run(transport, eventId, room, sender.id, sender.name, text, at)
      }
    })
    return () => store.immediate()
  },

  inbox(folder, together) {
    const inbox = new StoredInbox(openStore(folder))
    return () => Promise.all(Array.from({ length: together }, () => inbox.accept(nextMessage())))
  },
}

function openStore(folder: string): Store {
  const store = Store.open(join(folder, 'inbox.db'))
  migrate(store, 0)
  return store
}

let events = 0

function nextMessage(): IncomingMessage {
  return {
    transport: 'sink',
    room: String(events % 64),
    eventId: String(events++),
    sender: { id: 'sink:anna', name: 'Anna' },
    text: 'story Greet people by their name, in the language that their browser asks for',
    direct: true,
    addressed: true,
    at: 1_700_000_000_000,
  }
}

async function round(step: Step, { together, roundMs }: InboxInput) {
  const times: number[] = []
  const start = performance.now()
  let last = start
  while (last < start + roundMs) {
    const before = last
    await step()
    last = performance.now()
    times.push(last - before)
  }
  const sorted = Float64Array.from(times).sort()
  return {
    perSecond: ((times.length * together) / (last - start)) * 1000,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
  }
}
