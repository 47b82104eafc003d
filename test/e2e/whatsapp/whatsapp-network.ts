import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { browsersOf } from '../../../src/transports/whatsapp/leftovers.ts'
import { whatsappSettings } from '../../../src/transports/whatsapp/settings.ts'
import { WhatsAppTransport } from '../../../src/transports/whatsapp/whatsapp-transport.ts'
import type { Network, Saying } from '../../conformance/network.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { session } from '../../support/whatsapp/paired-profile.ts'
import type { Someone, Told } from '../../support/whatsapp/told.ts'
import { WhatsAppServer } from '../../support/whatsapp/whatsapp-server.ts'

/** A real browser takes its time, in which the clock of the link may have run on for long. */
class UnhurriedTransport extends WhatsAppTransport {
  override readonly longestSilenceMs = Number.POSITIVE_INFINITY
}

/** WhatsApp Web in a real browser, over a page and a server of our own: a person, a group, a bot. */
export async function openWhatsApp(state: string): Promise<Network> {
  const server = await WhatsAppServer.start({ session })
  const store = Store.open(':memory:')
  migrate(store, 0)
  const anna = server.person('Anna')
  const other: Someone = { name: 'Meta AI', phone: '13135550002@bot', lid: '867051314767696@bot' }
  const team = server.group()
  const place = { transport: 'whatsapp', room: anna.phone }
  const room = { transport: 'whatsapp', room: team }
  let last: Told | undefined
  const make = () =>
    new UnhurriedTransport({
      settings: whatsappSettings.parse(server.settings),
      ...{ env: process.env, state, store, log: silentLog, serves: () => false },
      clock: systemClock,
    })

  return {
    transport: make(),
    ...{ clock: new FakeClock(Date.now()), place, room },
    says(text: string, { in: where = 'direct', to = 'nobody', by = 'anna' }: Saying = {}) {
      const from = by === 'anna' ? anna : other
      if (where === 'direct') last = server.says(from, anna.phone, text)
      else {
        const quoting = to === 'reply' ? server.in(team).findLast(({ id }) => id.fromMe) : undefined
        const said = to === 'name' ? `Huskies: ${text}` : text
        const mentions = to === 'mention' ? [server.me] : []
        last = server.says(from, team, said, { mentions, quoting, as: 'lid' })
      }
    },
    async seen({ room: chat } = place) {
      return [...server.said(chat), ...(server.typing.has(chat) ? ['is typing'] : [])].join('\n')
    },
    ready: async () => server.isConnected,
    stalls: () => server.stalls(),
    breaks() {
      for (const pid of browsersOf(`${state}/whatsapp/profile`)) process.kill(pid, 'SIGKILL')
    },
    mends: () => {},
    edits: (text: string) => last && server.edits(last, text),
    deletes: () => last && server.deletes(last),
    reactions: async () => (last?.reaction === undefined ? [] : [last.reaction]),
    redelivers: () => server.tell({ event: 'message', message: last }),
    fails: () => void server.faults.push('refuse'),
    losesAnswer: () => void server.faults.push('take-and-die'),
    refuses: () => server.forgets(),
    conflicts: () => server.tell({ event: 'state', state: 'CONFLICT' }),
    again: make,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      store.close()
    },
  }
}
