import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hooks } from '../../src/kernel/hooks.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { HttpServer } from '../../src/server/http-server.ts'
import { migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'
import { SlackTransport } from '../../src/transports/slack/slack-transport.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { onScreen, type Shown } from '../support/slack/conversations.ts'
import { Refusal } from '../support/slack/refusal.ts'
import { SlackServer } from '../support/slack/slack-server.ts'
import type { Network, Saying } from './network.ts'

/** How often a program that is called asks whether Slack still knows it. */
const lookMs = 60_000
const emoji: Readonly<Record<string, string>> = { eyes: '👀' }

/** The strict server of our own: a person, a channel with a thread, and another bot. */
export async function openSlack(url?: string, hooks = new Hooks()): Promise<Network> {
  const clock = new FakeClock(1_700_000_000_000)
  const server = await SlackServer.start({ clock })
  const store = Store.open(':memory:')
  migrate(store, 0)
  const { conversations, http } = server
  const { signingSecret } = http
  http.url = url ?? ''
  const { me } = conversations
  const anna = conversations.person('Anna')
  const other = conversations.person('Other', true)
  const direct = conversations.direct(anna)
  const team = conversations.channel('team', [anna, other])
  const root = conversations.add({ channel: team, user: anna, text: 'A thread begins here.' })
  clock.advance(3_600_000)
  const place = { transport: 'slack', room: direct.id }
  const room = { transport: 'slack', room: team.id }
  let last: Shown | undefined
  let ticking: NodeJS.Timeout | undefined
  const make = () =>
    new SlackTransport({
      credentials: {
        ...{ botToken: server.botToken, apiRoot: server.url },
        ...(url === undefined ? { appToken: server.appToken } : { signingSecret, url }),
      },
      ...{ store, clock, log: silentLog, commands: () => [], hooks },
    })
  const newest = (channel = direct) =>
    conversations.in(channel).findLast(({ user, file }) => user === me && !file)

  return {
    transport: make(),
    ...{ clock, place, room, thread: { ...room, thread: root.ts } },
    says(text: string, { in: where = 'direct', to = 'nobody', by = 'anna' }: Saying = {}) {
      const from = by === 'anna' ? anna : other
      if (where === 'direct') last = server.says(from, direct, text)
      else {
        const thread = to === 'reply' ? newest(team)?.ts : where === 'thread' ? root.ts : undefined
        const names = { name: 'Huskies: ', mention: `<@${me.id}> `, reply: '', nobody: '' }
        const saying = thread === undefined ? {} : { thread }
        last = server.says(from, team, names[to] + text, saying)
      }
    },
    async seen({ room: id, thread } = place) {
      return conversations
        .in(conversations.open(id))
        .filter((one) => one.user === me && one.thread === thread)
        .map(onScreen)
        .join('\n')
    },
    ready: async () => url !== undefined || server.socketMode.connections === 2,
    stalls: () => void server.faults.push({ kind: 'stall' }),
    async breaks() {
      await server.goDown()
      // A program that is called notices it only when it looks.
      if (url !== undefined) clock.advance(lookMs)
    },
    edits: (text: string) => last && server.edits(last, text),
    deletes: () => last && server.deletes(last),
    picks(label: string) {
      const message = newest()
      if (message) server.presses(anna, message, label)
    },
    reactions: async () => last?.reactions.map(({ name }) => emoji[name] ?? name) ?? [],
    redelivers: () => (url === undefined ? server.socketMode : http).redeliver(),
    limits: ({ room: channel }, seconds) =>
      void server.faults.push({
        ...{ kind: 'refuse', times: 1, method: 'chat.postMessage', channel },
        refusal: new Refusal('ratelimited', 429, seconds),
      }),
    fails: () => void server.faults.push({ kind: 'refuse', times: 1, method: 'chat.postMessage' }),
    losesAnswer: () =>
      void server.faults.push({ kind: 'cut-after', times: 1, method: 'chat.postMessage' }),
    mends: () => server.comeUp(),
    refuses: () => server.revoke(),
    ...(url === undefined && {
      conflicts() {
        server.socketMode.addOther()
        server.socketMode.refresh()
        // What is counted once may be a connection that broke: it is counted again after a minute.
        ticking = setInterval(() => clock.advance(1000), 5)
      },
    }),
    again: make,
    async [Symbol.asyncDispose]() {
      clearInterval(ticking)
      await server[Symbol.asyncDispose]()
      store.close()
    },
  }
}

/** The same, where Slack calls the program's own server. */
export async function openSlackOverHttp(): Promise<Network> {
  const folder = mkdtempDisposableSync(join(tmpdir(), 'slack-'))
  const hooks = new Hooks()
  const http = await HttpServer.open({
    ...{ port: { wanted: 0, file: join(folder.path, 'port') }, hooks, version: '0.1.0' },
    ...{ clock: new FakeClock(), log: silentLog, offeredTo: () => undefined, isReady: () => true },
  })
  const network = await openSlack(`http://127.0.0.1:${http.port}/hooks/slack`, hooks)
  return {
    ...network,
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]()
      await http.close()
      folder[Symbol.dispose]()
    },
  }
}
