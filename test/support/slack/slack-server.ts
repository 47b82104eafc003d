import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { scopes } from '../../../src/transports/slack/manifest.ts'
import { readBlocks } from './blocks.ts'
import { type Channel, Conversations, type Shown, told, type User } from './conversations.ts'
import { HttpEvents } from './http-events.ts'
import { Limits } from './limits.ts'
import { type Arguments, type Aside, methodsOf, type Organisation } from './methods.ts'
import { Refusal } from './refusal.ts'
import { requireScopes } from './scopes.ts'
import { SocketMode } from './socket-mode.ts'
import { type Form, Views } from './views.ts'

const lateMs = 100

/** What goes wrong with calls from now on. */
export interface Fault {
  /** Only with calls of this method, and only for this channel. */
  readonly method?: string
  readonly channel?: string
  /** How many calls it befalls; all where it is missing. */
  times?: number
  /**
   * `refuse`: answered with the refusal. `cut`: the connection breaks before the call is done.
   * `cut-after`: it breaks when the call is done. `delay`: the answer is late. `stall`: there is never one.
   */
  readonly kind: 'refuse' | 'cut' | 'cut-after' | 'delay' | 'stall'
  readonly refusal?: Refusal
}

/** How somebody says something. */
export interface Saying {
  readonly thread?: string
  readonly subtype?: string
  readonly file?: { readonly name: string; readonly content: string }
}

export interface SlackServerOptions {
  readonly clock?: Clock
  /** Whether Slack's limit of messages is enforced. */
  readonly limited?: boolean
}

/**
 * Slack on the loopback interface: its Web API and Socket Mode, strict about tokens, blocks, lengths and
 * membership. It sends an event again until it is acknowledged, and fails when it is told to.
 */
export class SlackServer implements AsyncDisposable {
  readonly botToken = 'xoxb-secret-of-the-bot'
  readonly appToken = 'xapp-secret-of-the-app'
  readonly conversations: Conversations
  readonly limits: Limits | undefined
  readonly socketMode = new SocketMode()
  /** Used instead, once it is told an address. */
  readonly http: HttpEvents
  /** What is shown below threads of the bot's work. */
  readonly statuses = new Map<string, string>()
  readonly views: Views
  /** What single people were shown. */
  readonly asides: Aside[] = []
  /** The organisation to which the app belongs, where it is not of one workspace alone. */
  organisation: Organisation | undefined
  faults: Fault[] = []
  /** Another place where files lie. */
  fileRoot: string | undefined
  /** What the app may do: what its manifest asks for. */
  readonly scopes = new Set<string>(scopes)
  /** How many calls were made of each method. */
  readonly calls = new Map<string, number>()
  readonly #uploads = new Map<string, { readonly name: string; content?: string }>()
  readonly #methods: Readonly<Record<string, (args: Arguments) => object>>
  #server: Server
  #port = 0
  #revoked = false
  #ids = 0

  private constructor({ clock = systemClock, limited = false }: SlackServerOptions) {
    this.conversations = new Conversations(clock)
    this.views = new Views(clock)
    this.http = new HttpEvents(clock)
    this.limits = limited ? new Limits(clock) : undefined
    this.#methods = methodsOf({
      ...{ conversations: this.conversations, limits: this.limits, statuses: this.statuses },
      ...{ views: this.views, asides: this.asides, organisation: () => this.organisation },
      scopes: this.scopes,
      ...{ uploads: this.#uploads, uploadRoot: () => `${this.#origin}/upload/` },
      fileRoot: () => this.fileRoot ?? `${this.#origin}/files/`,
    })
    this.#server = this.#create()
  }

  static async start(options: SlackServerOptions = {}): Promise<SlackServer> {
    const server = new SlackServer(options)
    await server.comeUp()
    return server
  }

  get url(): string {
    return `${this.#origin}/api/`
  }

  get #origin(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** The server answers again, at the address that it had. */
  async comeUp(): Promise<void> {
    this.#server = this.#create()
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.http.pause(false)
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Nobody answers any more, and every connection breaks. */
  async goDown(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.socketMode.cut()
    this.http.pause(true)
    this.#server.closeAllConnections()
    await closed
  }

  /** The tokens are not accepted any more. */
  revoke(): void {
    this.#revoked = true
  }

  /** A person says something. */
  says(user: User, channel: Channel, text: string, saying: Saying = {}): Shown {
    const { conversations } = this
    const { thread, subtype, file } = saying
    const escaped = text.replace(/<(?![@#!h])/g, '&lt;')
    const shown = conversations.add({
      ...{ channel, user, text: escaped },
      ...(thread !== undefined && { thread }),
      ...(subtype !== undefined && { subtype }),
      ...(file && { file: { id: `F${++this.#ids}SENT`, ...file } }),
    })
    this.#tell(channel, this.#toldOf(shown))
    const mentions = escaped.includes(`<@${conversations.me.id}>`) && !channel.id.startsWith('D')
    if (mentions) this.#tell(channel, { ...this.#toldOf(shown), type: 'app_mention' })
    return shown
  }

  edits(shown: Shown, text: string): void {
    const before = this.#toldOf(shown)
    shown.text = text
    shown.edited = shown.ts
    const message = this.#toldOf(shown)
    this.#tell(shown.channel, {
      ...changeOf('message_changed', shown),
      message,
      previous_message: before,
    })
  }

  /** Slack itself changes a message, as when it puts a picture under a link. */
  unfurls(shown: Shown): void {
    const message = this.#toldOf(shown)
    const facts = { message: { ...message, attachments: [{}] }, previous_message: message }
    this.#tell(shown.channel, { ...changeOf('message_changed', shown), ...facts })
  }

  deletes(shown: Shown): void {
    const before = this.#toldOf(shown)
    shown.deleted = true
    const facts = { deleted_ts: shown.ts, previous_message: before }
    this.#tell(shown.channel, { ...changeOf('message_deleted', shown), ...facts })
  }

  /** Somebody presses a button of a message of the bot's. */
  presses(user: User, shown: Shown, label: string): void {
    const button = readBlocks(shown.blocks).buttons.find(({ text }) => text === label)
    if (!button) throw new Error(`There is no button "${label}" under "${shown.text}".`)
    this.#hand('interactive', {
      ...{ type: 'block_actions', user: { id: user.id, username: user.name, team_id: user.team } },
      ...{ channel: { id: shown.channel.id }, message: this.#toldOf(shown) },
      trigger_id: this.views.trigger(),
      actions: [
        {
          ...{ action_id: button.id, value: button.value, action_ts: `${++this.#ids}.0` },
          text: { type: 'plain_text', text: button.text },
        },
      ],
    })
  }

  /** Somebody types the slash command; resolves with what Slack was told to show at once. */
  types(user: User, channel: Channel, text: string): Promise<unknown> {
    const [trigger_id, command] = [this.views.trigger(), '/huskies']
    const place = { user_id: user.id, channel_id: channel.id, team_id: user.team }
    return this.#hand('slash_commands', { ...place, command, text, trigger_id })
  }

  /** Somebody picks the app's shortcut. */
  picks(user: User, callback_id: string): Promise<unknown> {
    return this.#hand('interactive', {
      ...{ type: 'shortcut', callback_id, trigger_id: this.views.trigger() },
      user: { id: user.id, username: user.name, team_id: user.team },
    })
  }

  /** Somebody sends a form, with these words in it; resolves with what Slack was told to do then. */
  submits(user: User, form: Form, words: Readonly<Record<string, string>>): Promise<unknown> {
    return this.#hand('interactive', {
      ...{ type: 'view_submission', view: this.views.fill(form, words) },
      user: { id: user.id, username: user.name, team_id: user.team },
    })
  }

  /** Something happens to the app itself. */
  tells(event: Record<string, unknown>): void {
    void this.#hand('events_api', { event_id: `Ev${++this.#ids}`, event })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.http[Symbol.dispose]()
    if (this.#server.listening) await this.goDown()
  }

  #hand(type: string, payload: object): Promise<unknown> {
    return (this.http.url === '' ? this.socketMode : this.http).send(type, payload)
  }

  #toldOf(shown: Shown): Record<string, unknown> {
    return told(shown, this.conversations.in(shown.channel))
  }

  #tell({ id, members }: Channel, message: Record<string, unknown>): void {
    if (!members.has(this.conversations.me.id)) return
    const kind = id.startsWith('D') ? 'im' : 'channel'
    this.tells({ ...message, channel: id, channel_type: kind, event_ts: message.ts })
  }

  #create(): Server {
    const server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        refuse(response, error instanceof Refusal ? error : new Refusal(String(error), 500))
      })
    })
    server.on('upgrade', (request, socket, head) => this.socketMode.accept(request, socket, head))
    return server
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const upload = /^\/upload\/(\w+)$/.exec(request.url ?? '')?.[1]
    if (upload !== undefined) {
      Object.assign(this.#uploads.get(upload) ?? {}, { content: body.toString() })
      response.end('OK')
      return
    }
    const file = /^\/files\/(\w+)$/.exec(request.url ?? '')?.[1]
    if (file !== undefined) {
      this.#give(file, request, response)
      return
    }
    const method = /^\/api\/([\w.]+)$/.exec(request.url ?? '')?.[1] ?? ''
    const args = argumentsOf(body)
    this.calls.set(method, (this.calls.get(method) ?? 0) + 1)
    const fault = this.#faultFor(method, args)
    if (fault?.kind === 'refuse') throw fault.refusal ?? new Refusal('Internal Server Error', 500)
    if (fault?.kind === 'stall') return
    if (fault?.kind === 'delay') await pause(lateMs)
    if (fault?.kind === 'cut') {
      request.socket.destroy()
      return
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? args.token
    const wanted = method === 'apps.connections.open' ? this.appToken : this.botToken
    if (this.#revoked) throw new Refusal('token_revoked')
    if (token !== wanted) throw new Refusal(token ? 'invalid_auth' : 'not_authed')
    const result =
      method === 'apps.connections.open'
        ? { url: `ws://127.0.0.1:${this.#port}/link/?ticket=${++this.#ids}` }
        : this.#call(method, args)
    if (fault?.kind === 'cut-after') request.socket.destroy()
    else {
      response.setHeader('x-oauth-scopes', [...this.scopes].join(','))
      reply(response, 200, { ok: true, ...result })
    }
  }

  /** A file, or the page where people log in. */
  #give(id: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const isBot = headers.authorization === `Bearer ${this.botToken}`
    if (isBot && !this.#revoked && this.scopes.has('files:read'))
      response
        .setHeader('content-type', 'application/octet-stream')
        .end(this.conversations.file(id).content)
    else response.setHeader('content-type', 'text/html; charset=utf-8').end('<h1>Sign in</h1>')
  }

  #call(method: string, args: Arguments): object {
    requireScopes(this.scopes, method, args)
    const run = this.#methods[method]
    if (!run) throw new Refusal('unknown_method')
    return run(args)
  }

  #faultFor(method: string, { channel }: Arguments): Fault | undefined {
    const fault = this.faults.find(
      (one) =>
        (one.method === undefined || one.method === method) &&
        (one.channel === undefined || one.channel === channel) &&
        one.times !== 0,
    )
    if (fault?.times !== undefined) fault.times -= 1
    return fault
  }
}

function changeOf(subtype: string, { ts }: Shown) {
  return { type: 'message', subtype, hidden: true, ts: `${ts}9` }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Slack takes forms whose fields may hold JSON. */
function argumentsOf(body: Buffer): Arguments {
  const fields = [...new URLSearchParams(body.toString())]
  return Object.fromEntries(
    fields.map(([name, value]) => [name, /^[[{]/.test(value) ? parsed(value) : value]),
  )
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}

function refuse(response: ServerResponse, { status, message, retryAfter }: Refusal): void {
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter))
  reply(response, status, { ok: false, error: message })
}

function reply(response: ServerResponse, status: number, body: object): void {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
