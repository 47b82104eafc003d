import type { IncomingMessage } from '../../bot/message.ts'
import { NamePrefix } from '../../bot/parser.ts'
import { eventIdOf, isDirect, msOf, placeOf } from './address.ts'
import type { SlackMessage } from './events.ts'
import type { People } from './people.ts'

/** The bot's own account. */
export interface Me {
  readonly user: string
  readonly names: readonly string[]
}

/** Reads what people say to a bot on Slack. */
export class Reading {
  readonly #me: Me
  readonly #name: NamePrefix
  readonly #people: People

  constructor(me: Me, people: People) {
    this.#me = me
    this.#name = new NamePrefix(me.names)
    this.#people = people
  }

  /** The message; undefined where nobody said it, a bot did, or it holds nothing. */
  async read(channel: string, message: SlackMessage): Promise<IncomingMessage | undefined> {
    const { ts, user, bot_id: bot, thread_ts: thread, parent_user_id: parent } = message
    if (user === undefined || bot !== undefined || user === this.#me.user) return undefined
    const named = message.type === 'app_mention' || this.mentions(message)
    const text = await this.plain(message.text)
    const called = this.#name.strip(text)
    const files = (message.files ?? []).map(({ id, name }) => ({ name: name ?? 'file', ref: id }))
    if (text.trim() === '' && !named && files.length === 0) return undefined
    const direct = isDirect(channel)
    return {
      ...placeOf(channel, thread === ts ? undefined : thread),
      eventId: eventIdOf(channel, ts),
      sender: await this.#people.person(user),
      text: called || text,
      direct,
      addressed: direct || named || called !== undefined || parent === this.#me.user,
      at: Math.floor(msOf(ts)),
      ...(files.length > 0 && { files }),
    }
  }

  /** Whether it is for the bot by name. */
  mentions({ text }: SlackMessage): boolean {
    return text.includes(`<@${this.#me.user}>`) || text.includes(`<@${this.#me.user}|`)
  }

  /** As the person sees it, without the bot's own mention. */
  async plain(text: string): Promise<string> {
    const pieces = await Promise.all(
      text.split(/(<[^<>]*>)/).map((piece, index) => (index % 2 === 0 ? piece : this.#link(piece))),
    )
    const plain = decoded(pieces.join('')).trim()
    return pieces[0] === '' && pieces[1] === '' ? plain.replace(/^[\s:,]+/, '') : plain
  }

  /** What stands between angle brackets: people, channels, groups and addresses. */
  async #link(piece: string): Promise<string> {
    const [target = '', label] = piece.slice(1, -1).split('|')
    const id = target.slice(1)
    if (target.startsWith('@'))
      return id === this.#me.user ? '' : `@${label ?? (await this.#people.nameOf(id))}`
    if (target.startsWith('#')) return `#${label || id}`
    if (target.startsWith('!')) return label ?? `@${id}`
    return label === undefined || target.endsWith(label) ? target : `${label} (${target})`
  }
}

function decoded(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
