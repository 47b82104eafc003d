import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hooks } from '../../src/kernel/hooks.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { HttpServer } from '../../src/server/http-server.ts'
import {
  type TelegramOptions,
  TelegramTransport,
} from '../../src/transports/telegram/telegram-transport.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { memoryStore } from '../support/memory-store.ts'
import type { Shown } from '../support/telegram/chats.ts'
import { Refusal } from '../support/telegram/refusal.ts'
import { TelegramServer } from '../support/telegram/telegram-server.ts'
import type { Network, Saying } from './network.ts'

type Webhook = NonNullable<TelegramOptions['webhook']>

/** So long a person's program shows that somebody types. */
const typingMs = 5000

/** How often a program that is called asks whether it could be. */
const lookMs = 30_000

/** The strict server of our own: a person, a group with topics, and another bot. */
export async function openTelegram(webhook?: Webhook): Promise<Network> {
  const clock = new FakeClock(1_700_000_000_000)
  const server = await TelegramServer.start({ clock })
  const { chats } = server
  const store = memoryStore()
  const anna = chats.person('Anna')
  const other = chats.person('Other', true)
  const group = chats.group('The team')
  const place = { transport: 'telegram', room: String(anna.id) }
  const room = { transport: 'telegram', room: String(group.id) }
  let last: Shown | undefined
  const make = () =>
    new TelegramTransport({
      ...{ token: server.token, apiRoot: server.url, store, clock, log: silentLog },
      ...(webhook && { webhook }),
      commands: () => [{ name: 'status', summary: 'Show the board' }],
    })
  const newest = () => chats.in(group.id).findLast(({ from }) => from.id === chats.me.id)

  return {
    transport: make(),
    ...{ clock, place, room, thread: { ...room, thread: '7' } },
    says(text: string, { in: where = 'direct', to = 'nobody', by = 'anna' }: Saying = {}) {
      const from = by === 'anna' ? anna : other
      if (where === 'direct') last = server.says(from, text)
      else {
        const replyTo = to === 'reply' ? newest() : undefined
        last = server.says(from, turnedTo(to) + text, {
          chat: group,
          ...(where === 'thread' && { thread: 7 }),
          ...(replyTo && { replyTo }),
        })
      }
    },
    async seen(where = place) {
      const shown = chats
        .in(Number(where.room))
        .filter((one) => one.from.is_bot && one.thread === (where.thread && Number(where.thread)))
        .map(({ text, buttons, file }) =>
          [text, ...buttons.map((button) => `[${button.text}]`), file?.content].join('\n'),
        )
      const typing = server.notices.some(
        ({ method, at }) => method === 'sendChatAction' && at + typingMs > clock.now(),
      )
      return [...shown, ...(typing ? ['Huskies is typing'] : [])].join('\n')
    },
    stalls: () => void server.faults.push({ kind: 'stall' }),
    async breaks() {
      await server.goDown()
      if (webhook) clock.advance(lookMs)
    },
    edits: (text: string) => last && server.edits(last, text),
    picks(label: string) {
      const message = chats.in(anna.id).findLast(({ from }) => from.id === chats.me.id)
      if (message) server.presses(anna, message, label)
    },
    reactions: async () => last?.reactions ?? [],
    redelivers: () => server.redelivers(),
    limits: ({ room: chat }, seconds) =>
      void server.faults.push({
        ...{ kind: 'refuse', times: 1, method: 'sendMessage', chat: Number(chat) },
        refusal: new Refusal(429, 'Too Many Requests', { retry_after: seconds }),
      }),
    fails: () => void server.faults.push({ kind: 'refuse', times: 1, method: 'sendMessage' }),
    losesAnswer: () => void server.faults.push({ kind: 'cut-after', times: 1 }),
    mends: () => server.comeUp(),
    refuses: () => server.revoke(),
    conflicts() {
      if (!webhook) return server.conflicts()
      server.webhook.url = 'https://example.org/hook'
      clock.advance(lookMs)
    },
    again: make,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** The same, where Telegram calls the program's own server. */
export async function openTelegramWebhook(): Promise<Network> {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'webhook-'))
  const hooks = new Hooks()
  const http = await HttpServer.open({
    ...{ port: { wanted: 0, file: join(folder.path, 'port') }, hooks, version: '0.1.0' },
    ...{ clock: new FakeClock(), log: silentLog, offeredTo: () => undefined, isReady: () => true },
  })
  const url = `http://127.0.0.1:${http.port}/hooks/telegram`
  const network = await openTelegram({ url, hooks })
  return {
    ...network,
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]()
      await http.close()
      folder[Symbol.dispose]()
    },
  }
}

function turnedTo(to: NonNullable<Saying['to']>): string {
  if (to === 'name') return '@HuskiesBot: '
  return to === 'mention' ? '@huskiesbot ' : ''
}
