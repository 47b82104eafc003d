import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempDisposableSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '../../../src/kernel/clock.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { readWhatsApp } from '../markup/whatsapp-text.ts'
import { browserAlone, pageFor } from './chromium.ts'
import { type Fault, onPage, type SayOptions, type Someone, type Told } from './told.ts'

/** How much of each chat a page has when it is opened; the rest has to be asked for. */
const shownAtFirst = 5

/**
 * WhatsApp for one account: what its page shows, over a socket, and its other side. The page itself is
 * `page.js`; `browser` is a Chromium that can reach nothing but this machine.
 */
export class WhatsAppServer implements AsyncDisposable {
  readonly me: Someone = { name: 'Huskies', phone: '4915100000001@c.us', lid: '9000001@lid' }
  /** The path of the page, named by its version. */
  readonly page: string
  readonly browser: string
  faults: Fault[] = []
  /** How often a page was opened. */
  pages = 0
  /** Chats in which the bot is seen to be at work. */
  readonly typing = new Set<string>()
  /** Modules that the page was asked for and does not have. */
  readonly unknownModules: string[] = []
  readonly #clock: Clock
  readonly #folder: ReturnType<typeof mkdtempDisposableSync>
  readonly #sockets: WebSocketServer
  readonly #people: Someone[] = []
  readonly #chats = new Map<string, Told[]>()
  readonly #files = new Map<string, string>()
  #sessions = new Set<string>()
  #connected: WebSocket | undefined
  #isLoggedIn = false
  #count = 0
  #stalls = false

  private constructor(sockets: WebSocketServer, clock: Clock, session?: string) {
    this.#sockets = sockets
    if (session !== undefined) this.#sessions.add(session)
    this.#clock = clock
    this.#folder = mkdtempDisposableSync(join(tmpdir(), 'whatsapp-server-'))
    const { port } = sockets.address() as AddressInfo
    this.page = pageFor(this.#folder.path, port)
    this.browser = browserAlone(this.#folder.path, port)
    sockets.on('connection', (socket) => this.#serve(socket))
  }

  /** With a `session` of another server's, its profile is paired with this one, too. */
  static async start(
    options: { readonly clock?: Clock; readonly session?: string } = {},
  ): Promise<WhatsAppServer> {
    const { clock = systemClock, session } = options
    const sockets = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(sockets, 'listening')
    return new WhatsAppServer(sockets, clock, ...(session === undefined ? [] : [session]))
  }

  /** The table of bot.toml. */
  get settings() {
    const sandbox = process.getuid?.() !== 0
    return { browser: this.browser, page: this.page, sandbox, memory_mb: 1500 }
  }

  /** Whether a page is there, and logged in. */
  get isConnected(): boolean {
    return this.#isLoggedIn
  }

  person(name: string): Someone {
    const number = 4915100000100 + ++this.#count
    const someone = { name, phone: `${number}@c.us`, lid: `${8_000_000 + this.#count}@lid` }
    this.#people.push(someone)
    return someone
  }

  group(): string {
    const id = `12036300000000${++this.#count}@g.us`
    this.#chats.set(id, [])
    return id
  }

  /** Somebody says something, in their chat with the bot or in a group. */
  says(by: Someone, chat: string, body: string, options: SayOptions = {}): Told {
    const { mentions = [], quoting, file, as = 'phone' } = options
    const inGroup = chat.endsWith('@g.us')
    const author = by[as]
    const key = `${String(++this.#count).padStart(8, '0')}ABCDEF`
    const text = mentions.map(({ lid }) => `@${lid.split('@')[0]} `).join('') + body
    const message: Told = {
      id: {
        ...{ fromMe: false, remote: chat, id: key },
        _serialized: `false_${chat}_${key}${inGroup ? `_${author}` : ''}`,
      },
      ...{ type: file ? 'document' : 'chat', t: this.#now(), from: chat, to: this.me.phone },
      ...(inGroup && { author }),
      ...{ notifyName: by.name, body: file ? '' : text, ack: 1 },
      ...(mentions.length > 0 && { mentionedJidList: mentions.map(({ lid }) => lid) }),
      ...(quoting && { quotedMsg: {}, quotedStanzaID: quoting.id.id }),
      ...(file && { caption: text, filename: file.name, directPath: this.#store(file.content) }),
    }
    this.#in(chat).push(message)
    if (this.#isLoggedIn) this.tell({ event: 'message', message })
    return message
  }

  edits(message: Told, body: string): void {
    const changes = { body, latestEditMsgKey: { id: message.id.id } }
    Object.assign(message, changes)
    this.tell({ event: 'changed', id: message.id, changes })
  }

  deletes(message: Told): void {
    message.isDeleted = true
    this.tell({ event: 'changed', id: message.id, changes: { type: 'revoked' } })
  }

  /** All messages of a chat, the oldest first. */
  in(chat: string): readonly Told[] {
    return this.#in(chat).filter(({ isDeleted }) => !isDeleted)
  }

  /** What the bot has said there, as people see it. */
  said(chat: string): readonly string[] {
    return this.in(chat)
      .filter(({ id }) => id.fromMe)
      .map((message) => this.onScreen(message))
  }

  onScreen({ body, caption, directPath }: Told): string {
    if (directPath === undefined) return readWhatsApp(body)
    return `${readWhatsApp(caption ?? '')}\n${this.#files.get(directPath)}`
  }

  /** The account's phone scans what the page shows. */
  pairs(session: string = randomUUID()): void {
    this.#sessions.add(session)
    this.#isLoggedIn = true
    this.tell({ event: 'paired', session, world: this.#world() })
  }

  /** The phone's owner takes the bot off the list of linked devices. */
  logsOut(): void {
    this.#sessions.clear()
    this.tell({ event: 'logout' })
  }

  /** Nobody is logged in any more, and the page is not told. */
  forgets(): void {
    this.#sessions = new Set()
  }

  /** From now on nothing is answered. */
  stalls(): void {
    this.#stalls = true
  }

  tell(event: object): void {
    this.#connected?.send(JSON.stringify(event))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#sockets.close()
    await once(this.#sockets, 'close')
    this.#folder[Symbol.dispose]()
    if (this.unknownModules.length > 0)
      throw new Error(`The page has no module ${this.unknownModules.join(', ')}.`)
  }

  #serve(socket: WebSocket): void {
    this.pages += 1
    this.#connected = socket
    this.#isLoggedIn = false
    socket.on('close', () => {
      if (this.#connected !== socket) return
      this.#connected = undefined
      this.#isLoggedIn = false
    })
    socket.on('message', (data) => {
      const { id, method, argument } = JSON.parse(String(data))
      if (this.#stalls) return
      const handle = this.#methods[method]
      if (!handle) throw new Error(`The page calls ${method}, which is unknown.`)
      try {
        const value = handle(argument, socket)
        if (value !== silence) socket.send(JSON.stringify({ answers: id, value }))
      } catch (error) {
        socket.send(JSON.stringify({ answers: id, error: (error as Error).message }))
      }
    })
  }

  // biome-ignore lint/suspicious/noExplicitAny: what the page sends is known by its method.
  readonly #methods: Readonly<Record<string, (argument: any, socket: WebSocket) => unknown>> = {
    hello: (session: string | null) => {
      this.#isLoggedIn = session !== null && this.#sessions.has(session)
      return this.#isLoggedIn ? this.#world() : undefined
    },
    pairingCode: (phone: string) => {
      if (`${phone}@c.us` === this.me.phone) return 'ABCD1234'
      throw new Error('CompanionHelloError')
    },
    unknownModule: (name: string) => void this.unknownModules.push(name),
    findChat: (chat: string) => this.#isThere(chat),
    begin: () => {
      if (this.faults[0] !== 'refuse') return
      this.faults.shift()
      throw new Error('The server refuses it.')
    },
    send: (said: Told & { readonly chat: string }, socket) => {
      const fault = this.faults.shift()
      const message = {
        ...said,
        body: said.body ?? '',
        t: this.#now(),
        from: this.me.phone,
        to: said.chat,
      }
      this.#in(said.chat).push({ ...message, ack: 1 })
      if (fault === 'take-and-die') {
        socket.send(JSON.stringify({ event: 'state', state: 'DEPRECATED_VERSION' }))
        return silence
      }
      if (fault === 'no-ack') return silence
      socket.send(JSON.stringify({ event: 'changed', id: said.id, changes: { ack: 1 } }))
      return { messageSendResult: 'OK' }
    },
    edit: ({ id, body }: { id: string; body: string }) => this.#change(id, { body }),
    revoke: (id: string) => this.#change(id, { isDeleted: true }),
    react: ({ id, emoji }: { id: string; emoji: string }) => this.#change(id, { reaction: emoji }),
    typing: ({ chat, on }: { chat: string; on: boolean }) => {
      if (on) this.typing.add(chat)
      else this.typing.delete(chat)
    },
    seen: (chat: string) => {
      for (const message of this.#in(chat)) message.isSeen = true
    },
    message: (id: string) => this.#find(id).map(onPage)[0],
    earlier: ({ chat, ids }: { chat: string; ids: readonly string[] }) =>
      this.#in(chat)
        .filter(({ id }) => !ids.includes(id._serialized))
        .slice(-shownAtFirst)
        .map(onPage),
    aliasOf: (id: string) => {
      const someone = [this.me, ...this.#people].find(({ phone, lid }) => [phone, lid].includes(id))
      return someone && (someone.phone === id ? someone.lid : someone.phone)
    },
    upload: (content: string) => this.#store(content),
    download: (path: string) => this.#files.get(path),
  }

  #world() {
    const chats = [...this.#chats].map(([id, messages]) => ({
      ...{ id, name: id },
      messages: messages.slice(-shownAtFirst).map(onPage),
    }))
    return { me: this.me, chats, faults: this.faults }
  }

  #isThere(chat: string): boolean {
    return (
      this.#chats.has(chat) || this.#people.some(({ phone, lid }) => [phone, lid].includes(chat))
    )
  }

  #in(chat: string): Told[] {
    const messages = this.#chats.get(chat) ?? []
    this.#chats.set(chat, messages)
    return messages
  }

  #find(id: string): readonly Told[] {
    return [...this.#chats.values()].flat().filter((message) => message.id._serialized === id)
  }

  #change(id: string, changes: Partial<Told>): void {
    for (const message of this.#find(id)) Object.assign(message, changes)
  }

  #store(content: string): string {
    const path = `/v/${++this.#count}`
    this.#files.set(path, content)
    return path
  }

  #now(): number {
    return Math.floor(this.#clock.now() / 1000)
  }
}

const silence = Symbol('silence')
