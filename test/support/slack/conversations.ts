import type { Clock } from '../../../src/kernel/clock.ts'
import { readBlocks } from './blocks.ts'
import { Refusal } from './refusal.ts'

export interface User {
  readonly id: string
  readonly name: string
  readonly bot?: string
  /** Of which workspace, and of which organisation. */
  readonly team: string
  readonly enterprise?: string
}

export interface Channel {
  readonly id: string
  readonly name: string
  readonly members: Set<string>
  /** Whether an app that is not in it may speak there. */
  isPublic: boolean
  archived: boolean
}

/** A message as people see it. */
export interface Shown {
  readonly ts: string
  readonly channel: Channel
  readonly user: User
  text: string
  blocks: readonly unknown[]
  readonly thread?: string
  readonly metadata?: unknown
  readonly file?: { readonly id: string; readonly name: string; readonly content: string }
  readonly subtype?: string
  edited?: string
  reactions: readonly { readonly name: string; readonly user: string }[]
  deleted: boolean
}

/** Who is there and what has been said, as the workspace remembers it. */
export class Conversations {
  readonly me: User = { id: 'U0BOT', name: 'huskies', bot: 'B0BOT', team: 'T1' }
  readonly #clock: Clock
  readonly #users = new Map<string, User>()
  readonly #channels = new Map<string, Channel>()
  readonly #messages: Shown[] = []
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#users.set(this.me.id, this.me)
  }

  person(name: string, isBot = false, from: Partial<User> = {}): User {
    const id = `U${++this.#count}${name.toUpperCase()}`
    const user = { id, name, team: 'T1', ...from, ...(isBot && { bot: `B${this.#count}` }) }
    this.#users.set(id, user)
    return user
  }

  /** The direct chat of a person with the bot. */
  direct(user: User): Channel {
    return this.#add('D', user.name, [user, this.me])
  }

  channel(name: string, members: readonly User[]): Channel {
    return this.#add('C', name, [...members, this.me])
  }

  /** The channel has another id from now on, under which alone it is found. */
  rename(channel: Channel, id: string): void {
    this.#channels.delete(channel.id)
    this.#channels.set(id, Object.assign(channel, { id }))
  }

  #add(kind: string, name: string, members: readonly User[]): Channel {
    const channel = {
      ...{ id: `${kind}${++this.#count}${name.toUpperCase()}`, name },
      ...{ members: new Set(members.map(({ id }) => id)), isPublic: false, archived: false },
    }
    this.#channels.set(channel.id, channel)
    return channel
  }

  get channels(): readonly Channel[] {
    return [...this.#channels.values()]
  }

  user(id: unknown): User {
    const user = this.#users.get(String(id))
    if (!user) throw new Refusal('user_not_found')
    return user
  }

  /** The channel, as the bot finds it, where it may also be outside of it if that is public. Throws `Refusal`. */
  open(id: unknown, forWriting = false, fromOutside = false): Channel {
    const channel = this.#channels.get(String(id))
    if (!channel) throw new Refusal('channel_not_found')
    const isInside = channel.members.has(this.me.id) || (fromOutside && channel.isPublic)
    if (!isInside) throw new Refusal('not_in_channel')
    if (forWriting && channel.archived) throw new Refusal('is_archived')
    return channel
  }

  add(message: Pick<Shown, 'channel' | 'user' | 'text'> & Partial<Shown>): Shown {
    const shown: Shown = {
      ...{ blocks: [], reactions: [], deleted: false },
      ts: `${Math.floor(this.#clock.now() / 1000)}.${String(++this.#count).padStart(6, '0')}`,
      ...message,
    }
    this.#messages.push(shown)
    return shown
  }

  /** A file that somebody has sent. Throws `Refusal`. */
  file(id: unknown): NonNullable<Shown['file']> {
    const found = this.#messages.find(({ file, deleted }) => file?.id === String(id) && !deleted)
    if (!found?.file) throw new Refusal('file_not_found')
    return found.file
  }

  /** The message of that time. Throws `Refusal`. */
  find(channel: Channel, ts: unknown): Shown {
    const found = this.in(channel).find((message) => message.ts === String(ts))
    if (!found) throw new Refusal('message_not_found')
    return found
  }

  /** All that people see in a channel and its threads, the oldest first. */
  in(channel: Channel): readonly Shown[] {
    return this.#messages.filter((message) => message.channel === channel && !message.deleted)
  }
}

/** A message as Slack tells it. */
export function told(shown: Shown, all: readonly Shown[]): Record<string, unknown> {
  const { ts, user, text, thread, metadata, file, subtype, edited, blocks } = shown
  const replies = all.filter((one) => one.thread === ts && one.ts !== ts)
  const root = all.find((one) => one.ts === thread)
  return {
    ...{ type: 'message', ts, user: user.id, text, blocks },
    ...(user.bot && { bot_id: user.bot }),
    ...(subtype && { subtype }),
    ...(file && { subtype: 'file_share', files: [{ id: file.id, name: file.name }] }),
    ...(edited && { edited: { user: user.id, ts: edited } }),
    ...(thread !== undefined && { thread_ts: thread, parent_user_id: root?.user.id }),
    ...(replies.length > 0 && { thread_ts: ts, latest_reply: replies.at(-1)?.ts }),
    ...(metadata !== undefined && { metadata }),
  }
}

/** The text of a message on people's screens, with its buttons and its file. */
export function onScreen({ text, blocks, file }: Pick<Shown, 'text' | 'blocks' | 'file'>): string {
  const { shown, buttons } = readBlocks(blocks)
  const words = blocks.length > 0 ? shown : text
  return [words, ...buttons.map((one) => `[${one.text}]`), file?.content ?? ''].join('\n')
}
