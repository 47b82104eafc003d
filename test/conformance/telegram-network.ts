import { silentLog } from '../../src/kernel/log.ts'
import { TelegramTransport } from '../../src/transports/telegram/telegram-transport.ts'
import { FakeClock } from '../support/fake-clock.ts'
import type { Shown } from '../support/telegram/chats.ts'
import { Refusal } from '../support/telegram/refusal.ts'
import { TelegramServer } from '../support/telegram/telegram-server.ts'
import type { Network, Saying } from './network.ts'

/** So long a person's program shows that somebody types. */
const typingMs = 5000

/** The strict server of our own: a person, a group with topics, and another bot. */
export async function openTelegram(): Promise<Network> {
  const clock = new FakeClock(1_700_000_000_000)
  const server = await TelegramServer.start({ clock })
  const { chats } = server
  const anna = chats.person('Anna')
  const other = chats.person('Other', true)
  const group = chats.group('The team')
  const place = { transport: 'telegram', room: String(anna.id) }
  const room = { transport: 'telegram', room: String(group.id) }
  let last: Shown | undefined
  const make = () =>
    new TelegramTransport({
      ...{ token: server.token, apiRoot: server.url, clock, log: silentLog },
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
    breaks: () => server.goDown(),
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
    conflicts: () => server.conflicts(),
    again: make,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function turnedTo(to: NonNullable<Saying['to']>): string {
  if (to === 'name') return '@HuskiesBot: '
  return to === 'mention' ? '@huskiesbot ' : ''
}
