import type { Receipt } from '../../bot/courier.ts'
import type { IncomingFile, OutgoingMessage, Part, Place } from '../../bot/message.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Hooks } from '../../kernel/hooks.ts'
import type { Log } from '../../kernel/log.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import { AtWork } from '../at-work.ts'
import { degrade } from '../degrade.ts'
import { telegramMarkup } from '../markup/telegram.ts'
import type {
  Capabilities,
  Deleting,
  Editing,
  Fetching,
  Identity,
  Line,
  Overhearing,
  Reacting,
  Renaming,
  Transport,
  Typing,
} from '../transport.ts'
import { answerSeconds, asApiSignal, type TelegramApi, telegramApi } from './api.ts'
import { connectionFailure, sendFailure } from './failures.ts'
import { Groups } from './groups.ts'
import { poll } from './polling.ts'
import { menuName, Reading } from './reading.ts'
import { Speaking } from './speaking.ts'
import { beCalled } from './webhook.ts'

/** A command as the menu shows it. */
interface MenuItem {
  readonly name: string
  readonly summary: string
}

/** What the Telegram transport is made from. */
export interface TelegramOptions {
  readonly token: string
  readonly apiRoot: string
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** What the menu offers; asked for at each connection. */
  readonly commands: () => readonly MenuItem[]
  /** Where Telegram calls for what people say; it is polled for that where this is missing. */
  readonly webhook?: { readonly url: string; readonly hooks: Hooks }
}

const mostMenuItems = 100
const longestSummary = 256
/** What Telegram shows of a bot's work is gone after five seconds. */
const typingMs = 4500
const dayMs = 86_400_000

/** The network Telegram, over grammY's client: chats, groups and their topics. */
export class TelegramTransport
  implements Transport, Editing, Typing, Reacting, Deleting, Fetching, Overhearing, Renaming
{
  readonly name = 'telegram'
  readonly longestSilenceMs = 2 * answerSeconds * 1000
  readonly capabilities: Capabilities = {
    edit: 'full',
    react: 'full',
    typing: 'full',
    choices: 'full',
    threads: 'full',
    files: 'full',
    delete: 'full',
    longestText: 4096,
    idempotentSend: false,
    keepsMs: dayMs,
    // The ids of groups are negative.
    rates: (room) => [
      { messages: 1, withinMs: 1000 },
      ...(room.startsWith('-') ? [{ messages: 20, withinMs: 60_000 }] : []),
    ],
    overallRates: [{ messages: 30, withinMs: 1000 }],
  }
  readonly #options: TelegramOptions
  readonly #api: TelegramApi
  readonly #groups: Groups
  readonly #speaking: Speaking
  readonly #atWork: AtWork
  #identity: Identity | undefined

  constructor(options: TelegramOptions) {
    this.#options = options
    this.#api = telegramApi(options.token, options.apiRoot)
    this.#groups = new Groups(options.store)
    this.#speaking = new Speaking(this.#api, this.#groups, options.clock)
    this.#atWork = new AtWork(options.clock, typingMs)
  }

  identity(): Identity | undefined {
    return this.#identity
  }

  async connect(line: Line): Promise<void> {
    const { clock, log, commands, webhook } = this.#options
    const menu = commands()
    try {
      const me = await this.#api.getMe(asApiSignal(line.signal))
      this.#identity = { id: `telegram:${me.id}`, name: me.first_name }
      await this.#offer(menu, line.signal)
      const names = menu.map(({ name }) => name)
      const parts = {
        api: this.#api,
        clock,
        log,
        reading: new Reading(me, names),
        groups: this.#groups,
      }
      await (webhook ? beCalled(line, { ...parts, ...webhook, me }) : poll(line, parts))
    } catch (error) {
      if (!line.signal.aborted) throw connectionFailure(error, clock.now())
    } finally {
      this.#atWork.hideAll()
    }
  }

  parts(message: OutgoingMessage): readonly Part[] {
    return degrade(message, this.capabilities, telegramMarkup)
  }

  send(part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#speaking.send(part, signal)
  }

  edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#speaking.edit(messageId, part, signal)
  }

  react(place: Place, eventId: string, emoji: string): Promise<void> {
    return this.#speaking.react(place, eventId, emoji)
  }

  delete(place: Place, messageId: string): Promise<void> {
    return this.#speaking.delete(place, messageId)
  }

  roomOf(room: string): string {
    return this.#groups.roomOf(room)
  }

  /** Telegram lets bots have files of 20 MB at most. */
  async fetch({ ref }: IncomingFile, signal: AbortSignal): Promise<Uint8Array> {
    const { token, apiRoot } = this.#options
    const { file_path: path } = await this.#api
      .getFile({ file_id: ref }, asApiSignal(signal))
      .catch((error: unknown) => {
        const { message } = sendFailure(error, this.#options.clock.now())
        throw new Problem('no-file', `Telegram does not give it ("${message}")`)
      })
    const response = await fetch(`${apiRoot}/file/bot${token}/${path}`, { signal }).catch(() => {
      // The error itself holds the address, and that the token.
      throw new Problem('no-file', 'the connection to Telegram broke off')
    })
    if (!response.ok) throw new Problem('no-file', `Telegram answers ${response.status}`)
    return new Uint8Array(await response.arrayBuffer())
  }

  async typing(place: Place, on: boolean): Promise<void> {
    if (on) await this.#atWork.show(place, () => this.#speaking.showTyping(place))
    else this.#atWork.hide(place)
  }

  /** Telegram tells bots only what is for them, unless they are admins of the group or free of that. */
  async deafness({ room }: Place): Promise<string | undefined> {
    if (!room.startsWith('-')) return undefined
    try {
      if (await this.#hearsAll(this.#groups.chatOf(room))) return undefined
    } catch (error) {
      const { message } = sendFailure(error, this.#options.clock.now())
      return `Telegram does not say whether it lets me ("${message}").`
    }
    return 'Telegram shows me only what names me or answers me: make me an admin of this group, or tell @BotFather /setprivacy, choose me and Disable, and then take me out of the group and in again.'
  }

  async #hearsAll(chat_id: number): Promise<boolean> {
    const me = await this.#api.getMe()
    if (me.can_read_all_group_messages) return true
    const { status } = await this.#api.getChatMember({ chat_id, user_id: me.id })
    return status === 'administrator'
  }

  async #offer(menu: readonly MenuItem[], signal: AbortSignal): Promise<void> {
    const commands = menu.slice(0, mostMenuItems).map(({ name, summary }) => ({
      command: menuName(name),
      description: summary.slice(0, longestSummary),
    }))
    await this.#api.setMyCommands({ commands }, asApiSignal(signal))
  }
}
