import type { Client, Message } from 'whatsapp-web.js'
import { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import { chosenLabel } from '../degrade.ts'
import type { Listener } from '../transport.ts'
import { saidSince } from './page.ts'
import type { Reading } from './reading.ts'
import type { WhatsAppState } from './whatsapp-state.ts'

/** What hearing works with. */
export interface HearingParts {
  readonly listener: Listener
  readonly state: WhatsAppState
  readonly clock: Clock
  /** Told of what ends the connection. */
  readonly failed: (error: unknown) => void
}

/** So far back something may have been said of which the page heard only later. */
const marginMs = 600_000

/** A deletion may come as a message of its own, which names the one that is gone. */
const deletion = z.object({ protocolMessageKey: z.object({ _serialized: z.string() }) })

/**
 * Hands in what people say, one after the other. WhatsApp Web says everything once only: so what it
 * had said when the program ended, and what came meanwhile, is read again from the page.
 */
export class Hearing {
  readonly #parts: HearingParts
  readonly #waiting: ((reading: Reading) => Promise<void>)[] = []
  #reading: Reading | undefined
  #isWorking = false

  constructor(parts: HearingParts) {
    this.#parts = parts
  }

  /** Listens from now on; what comes waits until it has begun. */
  follow(client: Client): void {
    const { listener, state, clock } = this.#parts
    // What was said before the first connection was not said to this bot.
    if (!state.heard) state.heardAll(clock.now())
    client.on('message', (message) => this.#queue(() => this.#receive(message)))
    client.on('message_edit', (message, text) => {
      if (!message.fromMe && text !== '') this.#queue((reading) => this.#edited(reading, message))
    })
    client.on('message_revoke_everyone', (message) => {
      const id = deletion.safeParse(message.rawData).data?.protocolMessageKey ?? message.id
      if (!message.fromMe)
        this.#queue(async () => void (await listener.remove(placeOf(message), id._serialized)))
    })
  }

  /** Hands in what was missed, and from then on what comes. */
  async begin(client: Client, reading: Reading): Promise<void> {
    const { pupPage: page } = client
    const { heard } = this.#parts.state
    if (!page || !heard) throw new Error('It was not listened before.')
    this.#reading = reading
    this.#isWorking = true
    await this.#catchUp(client, await saidSince(page, heard))
    this.#isWorking = false
    void this.#work()
  }

  /** The page is there, and connected: where everything that came is stored, that is noted. */
  lives(): void {
    const { state, clock } = this.#parts
    const isIdle = this.#reading !== undefined && !this.#isWorking && this.#waiting.length === 0
    if (isIdle) state.heardAll(clock.now() - marginMs)
  }

  async #catchUp(client: Client, ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const message = await client.getMessageById(id)
      if (message) await this.#receive(message)
    }
  }

  #queue(task: (reading: Reading) => Promise<void>): void {
    this.#waiting.push(task)
    void this.#work()
  }

  async #work(): Promise<void> {
    const reading = this.#reading
    if (!reading || this.#isWorking) return
    this.#isWorking = true
    try {
      for (let task = this.#waiting.shift(); task; task = this.#waiting.shift()) await task(reading)
      this.#isWorking = false
    } catch (error) {
      // Nothing that follows is handed in: it is read again, in its order.
      this.#parts.failed(error)
    }
  }

  async #receive(message: Message): Promise<void> {
    const { listener, state } = this.#parts
    const said = await this.#reading?.read(message)
    if (!said) return
    const { room, text, at } = said
    const label = chosenLabel(text, state.choicesIn(room))
    if (label === text) await listener.receive(said)
    else {
      await listener.receive({ ...said, text: label, addressed: true })
      state.withdraw(room)
    }
    state.heardIn(room, at - marginMs)
  }

  async #edited(reading: Reading, message: Message): Promise<void> {
    const changed = await reading.read(message)
    if (changed) await this.#parts.listener.edit(changed, changed.eventId, changed.text)
  }
}

function placeOf({ from }: Message) {
  return { transport: 'whatsapp', room: from }
}
