import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { MatrixTransport } from '../../../src/transports/matrix/matrix-transport.ts'
import type { Network, Saying } from '../../conformance/network.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FaultyProxy } from '../../support/synapse/proxy.ts'
import type { Synapse } from '../../support/synapse/synapse.ts'
import { PersonsRoom, type SeenEvent } from './room.ts'

let networks = 0

/** A real server behind a proxy that can spoil things: Anna, a room with a thread, and another bot. */
export async function openMatrix(server: Synapse): Promise<Network> {
  networks += 1
  const clock = new FakeClock(1_700_000_000_000)
  const proxy = await FaultyProxy.start(server.url)
  const folder = mkdtempSync(join(tmpdir(), 'huskies-matrix-'))
  const store = Store.open(join(folder, 'bot.db'))
  migrate(store, 0)
  const account = await server.user(`huskies${networks}`)
  const anna = await server.user(`anna${networks}`)
  const other = await server.user(`other${networks}`)
  const direct = await PersonsRoom.make(server, anna, [account.id])
  const group = await PersonsRoom.make(server, anna, [account.id, other.id], {})
  await direct.joinedBy(account)
  for (const user of [account, other]) await group.joinedBy(user)
  const others = group.as(other)
  const root = await group.says('A thread begins here.')
  let lastSaid = { room: direct, id: '' }
  const make = () =>
    new MatrixTransport({
      credentials: { homeserver: proxy.url, token: account.token },
      encryption: false,
      folder: join(folder, 'matrix'),
      store,
      clock,
      random: Math.random,
      log: silentLog,
      mayInvite: () => true,
    })
  const isBots = ({ sender }: SeenEvent) => sender === account.id
  const newest = async (room: PersonsRoom) => (await room.shown()).findLast(isBots)?.event_id
  const forms = {
    nobody: async () => ({}),
    name: async () => ({}),
    mention: async () => ({ 'm.mentions': { user_ids: [account.id] } }),
    reply: async (room: PersonsRoom) => ({
      'm.relates_to': { 'm.in_reply_to': { event_id: await newest(room) } },
    }),
  }
  const threadRelation = {
    'm.relates_to': {
      ...{ rel_type: 'm.thread', event_id: root, is_falling_back: true },
      'm.in_reply_to': { event_id: root },
    },
  }

  return {
    transport: make(),
    clock,
    place: direct.place,
    room: group.place,
    thread: { ...group.place, thread: root },
    async says(text: string, { in: where = 'direct', to = 'nobody', by = 'anna' }: Saying = {}) {
      const room = where === 'direct' ? direct : by === 'anna' ? group : others
      const named = to === 'name' || to === 'mention' ? `huskies${networks}: ${text}` : text
      const further = { ...(await forms[to](room)), ...(where === 'thread' && threadRelation) }
      const kind = by === 'anna' ? {} : { msgtype: 'm.notice' }
      lastSaid = { room, id: await room.says(named, { ...further, ...kind }) }
    },
    async seen(place = direct.place) {
      const room = place.room === direct.id ? direct : group
      const events = (await room.shown()).filter(isBots)
      const here = events.filter(({ content }) => threadOf(content) === place.thread)
      const texts = await Promise.all(here.map(async ({ content }) => room.readable(content)))
      const typing = (await room.isTyping(account.id)) ? ['Huskies is typing'] : []
      return [...texts, ...typing].join('\n')
    },
    stalls: () => void proxy.faults.push({ kind: 'stall', path: '/send/' }),
    breaks: () => proxy.break(),
    mends: () => proxy.mend(),
    edits: (text: string) => lastSaid.room.edits(lastSaid.id, text),
    deletes: () => lastSaid.room.removes(lastSaid.id),
    async picks(label: string) {
      const asked = (await direct.shown()).findLast(isBots)
      const line = asked?.content.body?.split('\n').find((one) => one.endsWith(` ${label}`))
      const key = line?.slice(0, -label.length - 1)
      await direct.reacts(asked?.event_id ?? '', key ?? '')
    },
    reactions: () => lastSaid.room.reactionsTo(lastSaid.id, account.id),
    redelivers: () => proxy.repeat(),
    limits: ({ room }, seconds) =>
      void proxy.faults.push({
        ...{ kind: 'refuse', path: `${encodeURIComponent(room)}/send/`, status: 429 },
        body: { errcode: 'M_LIMIT_EXCEEDED', error: 'Slowly', retry_after_ms: seconds * 1000 },
      }),
    fails: () => void proxy.faults.push({ kind: 'refuse', path: '/send/', status: 502 }),
    losesAnswer: () => void proxy.faults.push({ kind: 'lose-answer', path: '/send/' }),
    refuses: () =>
      void proxy.faults.push({
        ...{ kind: 'refuse', path: '/', status: 401 },
        body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Unknown token' },
      }),
    async conflicts() {
      await direct.as(account).says('Me too.', { 'io.huskies.installation': 'another' })
    },
    again: make,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function threadOf(content: SeenEvent['content']): string | undefined {
  const relation = content['m.relates_to'] as { rel_type?: string; event_id?: string } | undefined
  return relation?.rel_type === 'm.thread' ? relation.event_id : undefined
}
