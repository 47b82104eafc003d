import { setImmediate as turn } from 'node:timers/promises'
import { Access } from '../../src/bot/access.ts'
import { Bot } from '../../src/bot/bot.ts'
import type { ChatBatch, ChatRun } from '../../src/bot/chat-run.ts'
import type { Command } from '../../src/bot/command.ts'
import { type Courier, SendFailure } from '../../src/bot/courier.ts'
import { Delivery } from '../../src/bot/delivery.ts'
import { StoredInbox } from '../../src/bot/inbox.ts'
import type { IncomingMessage, Part } from '../../src/bot/message.ts'
import { StoredOutbox } from '../../src/bot/outbox.ts'
import { Registry } from '../../src/bot/registry.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { Store } from '../../src/store/store.ts'
import { FakeClock } from './fake-clock.ts'
import { memoryDatabase } from './memory-store.ts'

/** A chat run that goes on until the test ends it. */
export interface OpenRun {
  readonly batch: ChatBatch
  readonly signal: AbortSignal
  say(paragraph: string): void
  end(): void
  fail(error: Error): void
}

/** A send or an edit that the test lets the network take. */
export interface OpenCall {
  readonly message: Part
  readonly edits: string | undefined
  /** The network has it, and says so. */
  arrive(): void
  /** It fails. */
  fail(failure: SendFailure): void
}

export interface ChatWorldOptions {
  readonly commands?: readonly Command[]
  readonly chats?: boolean
  readonly courier?: Courier['capabilities']
  readonly maxChatRuns?: number
}

/** One running program: what a crash throws away. */
interface Program {
  readonly bot: Bot
  readonly delivery: Delivery
  readonly outbox: StoredOutbox
  readonly store: Store
  readonly clock: FakeClock
}

/**
 * A bot on a real database, in a world where nothing moves but by the test: time, commits, the
 * network and the chat runs. A crash throws the program away in the middle of whatever it does; what
 * it had not committed is lost, and it can do nothing more.
 */
export class ChatWorld {
  readonly #options: ChatWorldOptions
  readonly #db = memoryDatabase()
  #program: Program
  #messages = 0
  /** Commits that wait to be done. */
  flushes: (() => void)[] = []
  runs: OpenRun[] = []
  /** The rooms in which the bot shows that it is at work. */
  readonly typing = new Set<string>()
  calls: OpenCall[] = []
  /** What has arrived on the network, edits under the id of what they changed. */
  readonly arrived: { readonly id: string; readonly text: string; readonly edits?: string }[] = []

  constructor(options: ChatWorldOptions = {}) {
    this.#options = options
    this.#program = this.#start(new FakeClock(1_000_000))
  }

  get bot(): Bot {
    return this.#program.bot
  }

  get delivery(): Delivery {
    return this.#program.delivery
  }

  get outbox(): StoredOutbox {
    return this.#program.outbox
  }

  get store(): Store {
    return this.#program.store
  }

  get clock(): FakeClock {
    return this.#program.clock
  }

  /** Ends the program at once and starts another on the same database. */
  crash(): void {
    this.flushes = []
    this.runs = []
    this.calls = []
    this.#program = this.#start(new FakeClock(this.clock.now()))
  }

  /** A message from Anna in a direct chat, where nothing else is said. */
  message(text: string, facts: Partial<IncomingMessage> = {}): IncomingMessage {
    return {
      transport: 'net',
      room: 'room',
      eventId: `event-${++this.#messages}`,
      sender: { id: 'net:anna', name: 'Anna' },
      text,
      direct: true,
      addressed: false,
      at: this.clock.now(),
      ...facts,
    }
  }

  /** Says something, and lets everything happen that follows from it by itself. */
  async say(text: string, facts: Partial<IncomingMessage> = {}): Promise<void> {
    const received = this.bot.receive(this.message(text, facts))
    await this.settle()
    await received
  }

  /** Does the next commit, and whatever follows from it. */
  async flush(): Promise<void> {
    this.flushes.shift()?.()
    await turn()
  }

  /** Does every commit and lets every message arrive, until only time and the chat runs are waited for. */
  async settle(): Promise<void> {
    await turn()
    while (this.flushes.length > 0 || this.calls.length > 0) {
      this.calls.shift()?.arrive()
      await this.flush()
    }
  }

  /** Moves time on and lets everything happen that follows. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms)
    await this.settle()
  }

  /** The texts that have arrived since the last look. */
  heard(): string[] {
    return this.arrived.splice(0).map(({ text }) => text)
  }

  #start(clock: FakeClock): Program {
    // Bound to this program's own lists: what a dead one still does is seen by nobody.
    const { flushes } = this
    const store = new Store(this.#db, (flush) => flushes.push(flush))
    const outbox = new StoredOutbox(store, clock)
    const inbox = new StoredInbox(store)
    const parts = { store, outbox, inbox, clock, log: silentLog }
    const delivery = new Delivery({ ...parts, couriers: [this.#courier()], random: () => 0 })
    const bot = new Bot({
      ...parts,
      names: ['Huskies'],
      typing: ({ room }, on) => void (on ? this.typing.add(room) : this.typing.delete(room)),
      registry: new Registry(this.#options.commands ?? []),
      access: new Access({
        admins: ['net:root'],
        members: ['net:anna', 'net:ben'],
        viewers: ['net:vic'],
      }),
      settings: {
        coalesce_window_ms: 1500,
        coalesce_max_ms: 10_000,
        max_chat_runs: this.#options.maxChatRuns ?? 4,
      },
      ...(this.#options.chats === false ? {} : { chatRun: this.#chatRun() }),
    })
    delivery.start()
    bot.start()
    return { bot, delivery, outbox, store, clock }
  }

  #chatRun(): ChatRun {
    const { runs } = this
    return {
      run: (batch, say, signal) =>
        new Promise((resolve, reject) => {
          runs.push({ batch, say, signal, end: resolve, fail: reject })
        }),
    }
  }

  #courier(): Courier {
    const { calls } = this
    const call = (message: Part, signal: AbortSignal, edits?: string) =>
      new Promise<{ messageId: string }>((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new SendFailure('cancelled', 'stopped')))
        calls.push({
          message,
          edits,
          arrive: () => {
            this.arrived.push({ id: message.id, text: message.text, ...(edits ? { edits } : {}) })
            resolve({ messageId: edits ?? `net-${message.id}` })
          },
          fail: reject,
        })
      })
    return {
      name: 'net',
      capabilities: this.#options.courier ?? { edit: 'none', idempotentSend: false },
      parts: (message) =>
        (message.text.match(/.{1,200}/gs) ?? []).map((text, part) => ({
          ...{ ...message, text, formatted: text },
          id: part === 0 ? message.id : `${message.id}.${part}`,
        })),
      send: (message, signal) => call(message, signal),
      edit: (messageId, message, signal) => call(message, signal, messageId),
    }
  }
}
