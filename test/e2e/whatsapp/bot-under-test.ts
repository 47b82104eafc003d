import { join } from 'node:path'
import { expect, vi } from 'vitest'
import type { IncomingMessage, Part, Press } from '../../../src/bot/message.ts'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { browsersOf } from '../../../src/transports/whatsapp/leftovers.ts'
import { whatsappSettings } from '../../../src/transports/whatsapp/settings.ts'
import { WhatsAppTransport } from '../../../src/transports/whatsapp/whatsapp-transport.ts'
import { type Connection, connect } from '../../support/connect.ts'
import { session } from '../../support/whatsapp/paired-profile.ts'
import { WhatsAppServer } from '../../support/whatsapp/whatsapp-server.ts'

export const never = new AbortController().signal

/** A transport on a login that lies in `state`, with a server and a database for it alone. */
export async function openBot(state: string) {
  const server = await WhatsAppServer.start({ session })
  const store = Store.open(':memory:')
  migrate(store, 0)
  const profile = join(state, 'whatsapp', 'profile')
  const anna = server.person('Anna')
  const received: IncomingMessage[] = []
  const pressed: Press[] = []
  const changed: string[] = []
  const connections: Connection[] = []
  const open = (settings: object = {}, clock: Clock = systemClock) =>
    new WhatsAppTransport({
      settings: whatsappSettings.parse({ ...server.settings, ...settings }),
      ...{ env: process.env, state, store, clock, log: silentLog, serves: () => false },
    })
  const part = (text: string): Part => ({
    ...{ id: '1', transport: 'whatsapp', room: anna.phone, text },
  })
  const connecting = (transport = open()): Connection => {
    const connection = connect(transport, {
      receive: async (message) => void received.push(message),
      choose: async (press) => void pressed.push(press),
      edit: async (_place, eventId, text) => void changed.push(`${eventId}: ${text}`),
      remove: async (_place, eventId) => void changed.push(`${eventId} is gone`),
    })
    connection.ended.catch(() => {})
    connections.push(connection)
    return connection
  }
  return {
    ...{ server, profile, anna, received, pressed, changed, open, part, connecting },
    /** Connects, and waits until it can speak. */
    async connected(transport = open()) {
      const { ended, stop } = connecting(transport)
      await vi.waitFor(() => transport.send(part('Here.'), never), { timeout: 30_000 })
      return { transport, ended, stop }
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(connections.map(({ stop }) => stop().catch(() => {})))
      expect(browsersOf(profile), 'no browser is left').toEqual([])
      await server[Symbol.asyncDispose]()
      store.close()
    },
  }
}
