import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { type Chat, Chats, type Shown, type User } from './chats.ts'
import { Limits } from './limits.ts'
import { messageOf, methodsOf, type Parameters } from './methods.ts'
import { Refusal } from './refusal.ts'
import { Webhook } from './webhook.ts'
import { parametersOf, refuse, reply } from './wire.ts'

/** What goes wrong with calls from now on. */
export interface Fault {
  /** Only with calls of this method, and only for this chat. */
  readonly method?: string
  readonly chat?: number
  /** How many calls it befalls; all where it is missing. */
  times?: number
  /**
   * `refuse`: answered with the refusal. `cut`: the connection breaks before the call is done.
   * `cut-after`: it breaks when the call is done. `stall`: there is never an answer.
   */
  readonly kind: 'refuse' | 'cut' | 'cut-after' | 'stall'
  readonly refusal?: Refusal
}

/** How somebody says something. */
export interface Saying {
  readonly chat?: Chat
  readonly thread?: number
  readonly replyTo?: Shown
  readonly file?: Shown['file']
  /** The file is sent as a picture. */
  readonly picture?: boolean
  /** The entities that a person's program makes, beside commands and mentions. */
  readonly entities?: readonly object[]
}

export interface TelegramServerOptions {
  readonly clock?: Clock
  /** Whether Telegram's limits are enforced. */
  readonly limited?: boolean
  /** Whether the bot hears in groups only what is for it. */
  readonly privacy?: boolean
}

/** A call that leaves no message behind. */
export interface Notice {
  readonly method: string
  readonly parameters: Parameters
  readonly at: number
}

interface Update {
  readonly update_id: number
}

interface Poll {
  readonly response: ServerResponse
  end(): void
}

/**
 * Telegram's Bot API on the loopback interface: strict about markup, lengths, limits and the one
 * program that may poll; it keeps every update until it is confirmed, and fails when it is told to.
 */
export class TelegramServer implements AsyncDisposable {
  readonly token = '777:secret-of-the-bot'
  readonly chats: Chats
  readonly limits: Limits | undefined
  readonly menu: { commands: readonly { command: string; description: string }[] } = {
    commands: [],
  }
  readonly webhook: Webhook
  /** Calls that leave no message behind, the newest last. */
  readonly notices: Notice[] = []
  faults: Fault[] = []
  /** How many calls were made of each method. */
  readonly calls = new Map<string, number>()
  readonly #methods: Readonly<Record<string, (parameters: Parameters) => unknown>>
  readonly #privacy: boolean
  #server: Server
  #port = 0
  #updates: Update[] = []
  #lastUpdate = 5000
  #delivered: Update | undefined
  #repeated: readonly Update[] = []
  #poll: Poll | undefined
  #revoked = false

  private constructor(options: TelegramServerOptions) {
    const { clock = systemClock, limited = false, privacy = true } = options
    this.chats = new Chats(clock)
    this.limits = limited ? new Limits(clock) : undefined
    this.#privacy = privacy
    this.webhook = new Webhook(() => this.#updates, clock)
    this.#methods = methodsOf({
      ...{ chats: this.chats, limits: this.limits, menu: this.menu, webhook: this.webhook },
      noticed: (method, parameters) =>
        void this.notices.push({ method, parameters, at: clock.now() }),
    })
    this.#server = this.#create()
  }

  static async start(options: TelegramServerOptions = {}): Promise<TelegramServer> {
    const server = new TelegramServer(options)
    await server.comeUp()
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Whether a program waits for updates. */
  get polled(): boolean {
    return this.#poll !== undefined
  }

  /** Updates that are not confirmed. */
  get pending(): number {
    return this.#updates.length
  }

  /** The server answers again, at the address that it had. */
  async comeUp(): Promise<void> {
    this.#server = this.#create()
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
    this.webhook.pause(false)
  }

  /** Nobody answers any more, and every connection breaks. */
  async goDown(): Promise<void> {
    this.#poll = undefined
    this.webhook.pause(true)
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  /** The token is not accepted any more, or is again. */
  revoke(revoked = true): void {
    this.#revoked = revoked
  }

  /** A person says something, by default to the bot alone. */
  says(from: User, text: string, saying: Saying = {}): Shown {
    const {
      chat = this.chats.chat(from.id),
      thread,
      replyTo,
      entities = [],
      file,
      picture,
    } = saying
    const message = this.chats.add({
      ...{ chat, from, text, entities: [...entitiesOf(text), ...entities] },
      ...(thread !== undefined && { thread }),
      ...(replyTo && { replyTo: replyTo.message_id }),
      ...(file && { file }),
      ...(picture && { picture }),
    })
    if (this.#isHeard(message, replyTo)) this.#update('message', this.#told(message, replyTo))
    return message
  }

  /** Something happens in a chat that nobody says. */
  tells(chat: Chat, from: User, facts: object): void {
    this.#update('message', { ...messageOf(this.chats.add({ chat, from, text: '' })), ...facts })
  }

  edits(message: Shown, text: string): void {
    message.text = text
    message.entities = entitiesOf(text)
    this.#update('edited_message', { ...messageOf(message), edit_date: message.date })
  }

  /** Somebody presses a button of a message of the bot's. */
  presses(from: User, message: Shown, label: string): void {
    const button = message.buttons.find(({ text }) => text === label)
    if (!button) throw new Error(`There is no button "${label}" under "${message.text}".`)
    this.#update('callback_query', {
      ...{ id: `press-${this.#lastUpdate}`, from, chat_instance: '1', data: button.callback_data },
      message: messageOf(message),
    })
  }

  /** What was delivered last is delivered again, although it was confirmed. */
  redelivers(): void {
    if (!this.#delivered) return
    if (this.webhook.url === '') this.#repeated = [this.#delivered]
    else this.#updates.unshift(this.#delivered)
    this.#wake()
  }

  /** Another program polls with the same token. */
  conflicts(): void {
    const poll = this.#poll
    this.#poll = undefined
    if (poll) refuse(poll.response, conflict)
    this.faults.push({ method: 'getUpdates', kind: 'refuse', refusal: conflict })
  }

  /** Makes the supergroup that a group becomes, and tells of it in both, or in that one alone so far. */
  migrates(group: Chat, by: User, { told = 'both' }: { told?: 'both' | 'there' } = {}): Chat {
    const successor = this.chats.group(group.title ?? '', 'supergroup')
    if (told === 'both') this.tells(group, by, { migrate_to_chat_id: successor.id })
    this.tells(successor, by, { migrate_from_chat_id: group.id })
    group.migrated = successor.id
    return successor
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.goDown()
  }

  #create(): Server {
    return createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        refuse(response, error instanceof Refusal ? error : new Refusal(500, String(error)))
      })
    })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, key, name] = /^\/file\/bot([^/]+)\/documents\/(.+)$/.exec(request.url ?? '') ?? []
    if (name !== undefined && key === this.token) {
      response.end(this.chats.file(name).content)
      return
    }
    const [, token, method = ''] = /^\/bot([^/]+)\/(\w+)/.exec(request.url ?? '') ?? []
    const parameters = await parametersOf(request)
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1)
    if (token !== this.token || this.#revoked) throw new Refusal(401, 'Unauthorized')
    const fault = this.#faultFor(method, parameters)
    if (fault?.kind === 'refuse') throw fault.refusal ?? new Refusal(500, 'Internal Server Error')
    if (fault?.kind === 'stall') return
    if (fault?.kind === 'cut') {
      request.socket.destroy()
      return
    }
    if (method === 'getUpdates') return this.#hold(response, parameters)
    const run = this.#methods[method]
    if (!run) throw new Refusal(404, 'Not Found')
    const result = await run(parameters)
    if (fault?.kind === 'cut-after') request.socket.destroy()
    else reply(response, 200, { ok: true, result })
  }

  #faultFor(method: string, { chat_id: chat }: Parameters): Fault | undefined {
    const fault = this.faults.find(
      (one) =>
        (one.method === undefined ? method !== 'getUpdates' : one.method === method) &&
        (one.chat === undefined || one.chat === Number(chat)) &&
        one.times !== 0,
    )
    if (fault?.times !== undefined) fault.times -= 1
    return fault
  }

  #hold(response: ServerResponse, { offset, timeout, limit }: Parameters): void {
    if (this.webhook.url !== '')
      throw new Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
    if (this.#poll) refuse(this.#poll.response, conflict)
    this.#updates = this.#updates.filter(({ update_id: id }) => id >= Number(offset ?? 0))
    const end = () => {
      clearTimeout(timer)
      if (this.#poll?.response === response) this.#poll = undefined
      const batch = [...this.#repeated, ...this.#updates].slice(0, Number(limit ?? 100))
      this.#repeated = []
      this.#delivered = batch.at(-1) ?? this.#delivered
      reply(response, 200, { ok: true, result: batch })
    }
    const timer = setTimeout(end, Number(timeout ?? 0) * 1000)
    response.on('close', () => {
      clearTimeout(timer)
      if (this.#poll?.response === response) this.#poll = undefined
    })
    this.#poll = { response, end }
    if (this.#repeated.length + this.#updates.length > 0) end()
  }

  #update(kind: string, content: object): void {
    const update = { update_id: ++this.#lastUpdate, [kind]: content }
    this.#updates.push(update)
    if (this.webhook.url !== '') this.#delivered = update
    this.#wake()
  }

  #wake(): void {
    this.#poll?.end()
    this.webhook.wake()
  }

  /** With privacy, a bot is told in groups of commands, replies to it and mentions of it alone. */
  #isHeard(message: Shown, replyTo: Shown | undefined): boolean {
    if (message.chat.type === 'private' || message.chat.botIsAdmin || !this.#privacy) return true
    const isFor = ({ type, user }: { type?: string; user?: User }) =>
      type === 'bot_command' || type === 'mention' || user?.id === this.chats.me.id
    return replyTo?.from.id === this.chats.me.id || message.entities.some(isFor)
  }

  #told(message: Shown, replyTo: Shown | undefined): object {
    return { ...messageOf(message), ...(replyTo && { reply_to_message: messageOf(replyTo) }) }
  }
}

const conflict = new Refusal(
  409,
  'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
)

/** What a person's program finds in what they type. */
function entitiesOf(text: string): object[] {
  return [...text.matchAll(/(^\/\w+(?:@\w+)?)|(@\w{5,})/g)].map((match) => ({
    type: match[1] === undefined ? 'mention' : 'bot_command',
    offset: match.index,
    length: match[0].length,
  }))
}
