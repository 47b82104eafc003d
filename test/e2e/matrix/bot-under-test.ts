import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IncomingMessage, Place, Press } from '../../../src/bot/message.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { Link } from '../../../src/transports/link.ts'
import type { MatrixCredentials } from '../../../src/transports/matrix/login.ts'
import { MatrixTransport } from '../../../src/transports/matrix/matrix-transport.ts'
import type { TransportState } from '../../../src/transports/transport.ts'
import { until } from '../../support/until.ts'

/** A bot's transport, kept up by its link, with what came from the network. */
export class BotUnderTest implements AsyncDisposable {
  readonly received: IncomingMessage[] = []
  readonly edits: { readonly place: Place; readonly eventId: string; readonly text: string }[] = []
  readonly removals: string[] = []
  readonly presses: Press[] = []
  readonly states: TransportState[] = []
  readonly folder: string
  readonly allowed = new Set<string>()
  encryption = false
  /** How much later it takes it to be. */
  aheadMs = 0
  #forgets = false
  /** Called before a message counts as received: a crash of the program, for instance. */
  beforeReceipt: (message: IncomingMessage) => Promise<void> = async () => undefined
  readonly #credentials: MatrixCredentials
  #connection: { link: Link; stop: AbortController; done: Promise<void>; store: Store } | undefined

  constructor(credentials: MatrixCredentials) {
    this.#credentials = credentials
    this.folder = mkdtempSync(join(tmpdir(), 'huskies-matrix-'))
  }

  /** Connects, with all that it knew before. Resolves once it is connected. */
  async start(): Promise<Link> {
    const link = this.begin()
    await until(() => link.state.kind === 'connected', 'the bot is connected')
    return link
  }

  begin(): Link {
    const store = Store.open(join(this.folder, 'bot.db'))
    migrate(store, 0)
    const transport = new MatrixTransport({
      credentials: this.#credentials,
      encryption: this.encryption,
      folder: join(this.folder, 'matrix'),
      store,
      clock: { ...systemClock, now: () => systemClock.now() + this.aheadMs },
      random: Math.random,
      log: silentLog,
      mayInvite: (person) => this.allowed.has(person),
    })
    const link = new Link(transport, {
      clock: systemClock,
      random: Math.random,
      log: silentLog,
      changed: (state) => this.states.push(state),
      heard: () => undefined,
    })
    const stop = new AbortController()
    const listener = {
      receive: async (message: IncomingMessage) => {
        await this.beforeReceipt(message)
        this.received.push(message)
      },
      edit: async (place: Place, eventId: string, text: string) =>
        this.edits.push({ place, eventId, text }),
      remove: async (_: Place, eventId: string) => this.removals.push(eventId),
      choose: async (press: Press) => {
        this.presses.push(press)
      },
      move: async () => undefined,
    }
    this.#connection = { link, stop, done: link.run(listener, stop.signal), store }
    return link
  }

  /** As if this send had begun an hour ago, on that device, and its answer never come. */
  remembersSend(id: string, device: string): void {
    const hourAgo = Date.now() - 3_600_000
    this.#connection?.store.db
      .prepare('INSERT INTO matrix_sends (id, device, begun_at) VALUES (?, ?, ?)')
      .run(id, device, hourAgo)
  }

  /** As if it were killed before it could note that, from its next stop on. */
  forgetsHowFarItRead(): void {
    this.#forgets = true
  }

  async stop(): Promise<void> {
    this.#connection?.stop.abort()
    await this.#connection?.done
    if (this.#forgets)
      this.#connection?.store.db.exec("DELETE FROM matrix_values WHERE key = 'token'")
    this.#forgets = false
    this.#connection?.store.close()
    this.#connection = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
