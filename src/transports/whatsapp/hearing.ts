import type { Client, Message } from 'whatsapp-web.js'
import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Listener } from '../transport.ts'
import type { Offers } from './offers.ts'
import { saidSince } from './page.ts'
import type { Reading } from './reading.ts'
import type { WhatsAppState } from './whatsapp-state.ts'

/** What hearing works with. */
export interface HearingParts {
  readonly listener: Listener
  readonly state: WhatsAppState
  readonly offers: Offers
  readonly clock: Clock
  readonly log: Log
  /** Told of what ends the connection. */
  readonly failed: (error: unknown) => void
}

/**
 * So long somebody may change what they have said: what is read again after an absence begins that
 * much before it. It may hold, too, what the page heard late.
 */
const marginMs = 900_000

/** A deletion may come as a message of its own, which names the one that is gone. */
const deletion = z.object({ protocolMessageKey: z.object({ _serialized: z.string() }) })

/** What is needed to read what the page shows. */
interface Open {
  readonly client: Client
  readonly reading: Reading
}

/**
 * Hands in what people say, one after the other. WhatsApp Web says everything once only: so what it
 * had said when the program ended, and what came or was changed meanwhile, is read again from the page.
 */
export class Hearing {
  readonly #parts: HearingParts
  readonly #waiting: ((open: Open) => Promise<void>)[] = []
  /** Rooms in which something was taken that nobody is shown to have seen. */
  readonly #unseen = new Set<string>()
  #open: Open | undefined
  #isWorking = false

  constructor(parts: HearingParts) {
    this.#parts = parts
  }

  /** Listens from now on; what comes waits until it has begun. */
  follow(client: Client): void {
    const { state, clock } = this.#parts
    // What was said before the first connection was not said to this bot.
    if (!state.heard) state.heardAll(clock.now())
    client.on('message', (message) =>
      this.#queue(({ reading }) => this.#received(message, reading)),
    )
    client.on('message_edit', (message, text) => {
      if (!message.fromMe && text !== '')
        this.#queue(({ reading }) => this.#edited(message, reading))
    })
    client.on('message_revoke_everyone', (message) => {
      if (!message.fromMe) this.#queue(() => this.#removed(message))
    })
  }

  /** Hands in what was missed, and from then on what comes. */
  async begin(client: Client, reading: Reading): Promise<void> {
    const { pupPage: page } = client
    const { heard } = this.#parts.state
    if (!page || !heard) throw new Error('It was not listened before.')
    const open = { client, reading }
    this.#open = open
    this.#isWorking = true
    for (const id of await saidSince(page, heard)) await this.#missed(id, open)
    this.#isWorking = false
    void this.#work()
  }

  /** The page is there, and connected: where everything that came is stored, that is noted. */
  lives(): void {
    const { state, clock } = this.#parts
    const isIdle = this.#open !== undefined && !this.#isWorking && this.#waiting.length === 0
    if (isIdle) state.heardAll(clock.now() - marginMs)
  }

  #queue(task: (open: Open) => Promise<void>): void {
    this.#waiting.push(task)
    void this.#work()
  }

  async #work(): Promise<void> {
    const open = this.#open
    if (!open || this.#isWorking) return
    this.#isWorking = true
    try {
      for (let task = this.#waiting.shift(); task; task = this.#waiting.shift()) await task(open)
      this.#isWorking = false
    } catch (error) {
      // Nothing that follows is handed in: it is read again, in its order.
      this.#parts.failed(error)
    }
    this.#showSeen(open)
  }

  /** What was heard already is known by its id; it may have been changed or deleted since. */
  async #missed(id: string, { client, reading }: Open): Promise<void> {
    const message = await client.getMessageById(id)
    if (!message) return
    if (message.type === 'revoked') return this.#removed(message)
    await this.#received(message, reading)
    if (message.latestEditMsgKey) await this.#edited(message, reading)
  }

  async #received(message: Message, reading: Reading): Promise<void> {
    const { listener, state, offers } = this.#parts
    const said = await reading.read(message)
    if (!said) return
    const { room, sender, at } = said.message
    const picked = offers.find(said)
    if (picked) {
      await listener.choose({ ...said.message, ...picked.press })
      offers.picked(picked, sender)
    } else await listener.receive(said.message)
    state.heardIn(room, at - marginMs)
    this.#unseen.add(room)
  }

  async #edited(message: Message, reading: Reading): Promise<void> {
    const { message: changed } = (await reading.read(message)) ?? {}
    if (changed) await this.#parts.listener.edit(changed, changed.eventId, changed.text)
  }

  async #removed({ from, id, rawData }: Message): Promise<void> {
    const gone = deletion.safeParse(rawData).data?.protocolMessageKey ?? id
    await this.#parts.listener.remove({ transport: 'whatsapp', room: from }, gone._serialized)
  }

  #showSeen({ client }: Open): void {
    for (const room of this.#unseen)
      client
        .sendSeen(room)
        .catch((err) => this.#parts.log.debug({ err }, 'A read mark was not taken.'))
    this.#unseen.clear()
  }
}
