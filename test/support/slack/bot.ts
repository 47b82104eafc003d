import { expect, onTestFinished, vi } from 'vitest'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { describedCommands } from '../../../src/commands/all.ts'
import { Hooks } from '../../../src/kernel/hooks.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { SlackTransport } from '../../../src/transports/slack/slack-transport.ts'
import { type Connection, connect, type Hearing, sendWhole } from '../connect.ts'
import { FakeClock } from '../fake-clock.ts'
import { SlackServer } from './slack-server.ts'

const never = new AbortController().signal
export const eventually = (look: () => void) => vi.waitFor(look, { timeout: 10_000, interval: 5 })

/** A connected bot, Anna, her direct chat and a channel; what is heard is in `heard`. */
export async function openBot(hearing: Partial<Hearing> = {}, limited = false) {
  const clock = new FakeClock(1_700_000_000_000)
  const server = await SlackServer.start({ clock, limited })
  const { conversations } = server
  const anna = conversations.person('Anna')
  const direct = conversations.direct(anna)
  const team = conversations.channel('team', [anna])
  const store = Store.open(':memory:')
  migrate(store, 0)
  const make = () =>
    new SlackTransport({
      credentials: { ...server, apiRoot: server.url },
      ...{ store, clock, log: silentLog, commands: describedCommands, hooks: new Hooks() },
    })
  const heard: IncomingMessage[] = []
  const receive = async (message: IncomingMessage) => void heard.push(message)
  const transport = make()
  const connection: Connection = connect(transport, { receive, ...hearing })
  const ended = connection.ended.catch((error: unknown) => error)
  onTestFinished(async () => {
    await connection.stop().catch(() => {})
    await server[Symbol.asyncDispose]()
    store.close()
  })
  await eventually(() => expect(server.socketMode.connections).toBe(2))
  const say = (text: string, room = team.id, id = `m-${text}`) =>
    sendWhole(transport, { transport: 'slack', room, id, text }, never)
  return {
    ...{ clock, server, conversations, anna, direct, team, heard },
    ...{ transport, ended, say, make, store },
  }
}
