import { expect, test } from 'vitest'
import { Delivery } from '../../src/bot/delivery.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { Link } from '../../src/transports/link.ts'
import { parseMarkdown } from '../../src/transports/markup/parse.ts'
import { renderPlain } from '../../src/transports/markup/plain.ts'
import { openDesk } from '../commands/desk.ts'
import { eventually } from './case.ts'
import type { Network } from './network.ts'
import { openPipes } from './terminal-network.ts'

/** What Anna says, one thing after the other; each is one line, so that it can be said everywhere. */
const script = [
  ...['help', 'hello there', 'whoami', 'status', 'lst'],
  ...['story Add a greeting', 'bug priority high The total is *wrong* in <b>Rome</b> & elsewhere'],
  ...['refactor Split the `parser`', 'spike Which date library?', 'epic Everything about dates'],
  ...['create story depends 1,2 qa human Show the date', 'story', 'list', 'backlog'],
  ...['edit 1 Add a friendly greeting', 'depends 3 1', 'priority 3 low', 'show 6', 'find greeting'],
  ...[
    'freeze 4',
    'start 2',
    'start 6',
    'hold 99 Why',
    'block 2 Waits for the price list',
    'status 2',
  ],
  ...['unblock 2', 'delete 3', 'yes', 'history 1', 'status'],
]

/** One answer: as the bot wrote it, and the words that people see on the network. */
interface Answer {
  readonly said: string
  readonly written: string
  readonly seen: string
  readonly choices: readonly string[]
}

/** Says all of it on a network, to a bot of its own; returns the answers, and the items at the end. */
async function play(network: Network) {
  const { name } = network.transport
  const { bot, store, outbox, pipeline } = openDesk()
  const { clock } = network
  const link = new Link(network.transport, {
    ...{ clock, random: () => 0.5, log: silentLog },
    ...{ changed: () => {}, heard: () => {} },
  })
  const couriers = [link]
  const delivery = new Delivery({ store, outbox, clock, couriers, random: () => 0, log: silentLog })
  const ending = new AbortController()
  let heard = 0
  const running = link.run(
    {
      async receive(message: IncomingMessage) {
        // Who she is on each network is another test's.
        await bot.receive({ ...message, sender: { id: `${name}:anna`, name: 'Anna' } })
        heard += 1
      },
      edit: async () => {},
      remove: async () => {},
      choose: async () => {},
    },
    ending.signal,
  )
  delivery.start()
  await eventually(async () => expect((await network.ready?.()) ?? true).toBe(true))
  await eventually(() => expect(link.state.kind).toBe('connected'))
  const answers: Answer[] = []
  let shown = (await network.seen()).length
  for (const [index, said] of script.entries()) {
    const before = store.db.prepare('SELECT max(id) FROM outbox').pluck().get() ?? 0
    await network.says(said)
    await eventually(() => expect(heard).toBe(index + 1))
    await eventually(() => {
      // Networks want to be told no more than so much at a time.
      if (!delivery.idle) clock.advance(1000)
      expect(bot.idle && delivery.idle).toBe(true)
    })
    const rows = store.db
      .prepare<[unknown, string, string], { text: string; choices: string | null; state: string }>(
        'SELECT text, choices, state FROM outbox WHERE id > ? AND transport = ? AND room = ?',
      )
      .all(before, name, network.place.room)
    expect(rows.map(({ state }) => state)).toEqual(['sent'])
    const [{ text, choices } = { text: '', choices: null }] = rows
    const written = text.replaceAll(`${name}:anna`, 'NETWORK:anna')
    const all = await network.seen()
    const seen = words(all.slice(shown)).replaceAll(words(`${name}:anna`), words('NETWORK:anna'))
    answers.push({ said, written, seen, choices: choices === null ? [] : JSON.parse(choices) })
    shown = all.length
  }
  ending.abort()
  await Promise.all([running, delivery.stop()])
  return { answers, items: pipeline.all() }
}

/**
 * The same thirty messages have the same answers and leave the same items on this network as at a
 * terminal, and people see every word of them.
 */
export function tellsTheSame(name: string, open: () => Network | Promise<Network>): void {
  test(`${script.length} messages are answered the same on ${name} as at a terminal, and leave the same items`, async () => {
    await using terminal = openPipes()
    await using network = await open()
    const there = await play(network)
    const here = await play(terminal)
    expect(there.answers.map(({ written }) => written)).toEqual(
      here.answers.map(({ written }) => written),
    )
    expect(here.items).toHaveLength(5)
    expect(there.items.map(timeless)).toEqual(here.items.map(timeless))
    for (const { written, seen, choices } of there.answers) {
      const wanted = words(renderPlain(parseMarkdown(written)))
      expect(wanted).not.toBe('')
      if (choices.length === 0) expect(seen).toBe(wanted)
      else for (const part of [wanted, ...choices.map(words)]) expect(seen).toContain(part)
    }
  })
}

/** An item without what depends on who asked, and on when. */
function timeless(item: object): string {
  return JSON.stringify(item, (key, value) =>
    /^(by|at|id)$/.test(key) && typeof value !== 'number' ? undefined : value,
  )
}

/** A text without any markup: its letters and digits. */
function words(text: string): string {
  return (text.match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')
}
