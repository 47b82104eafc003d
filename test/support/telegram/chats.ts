import type { Clock } from '../../../src/kernel/clock.ts'
import { badRequest, Refusal } from './refusal.ts'

export interface User {
  readonly id: number
  readonly is_bot: boolean
  readonly first_name: string
  readonly username?: string
}

export interface Chat {
  readonly id: number
  readonly type: 'private' | 'group' | 'supergroup'
  readonly title?: string
  readonly first_name?: string
  /** The bot is told everything that is said there. */
  botIsAdmin?: boolean
  /** Nothing can be sent there any more. */
  closed?: 'blocked' | 'kicked' | 'deactivated'
  /** It has become the supergroup of that id. */
  migrated?: number
}

/** A message as people see it. */
export interface Shown {
  readonly message_id: number
  readonly chat: Chat
  readonly from: User
  readonly date: number
  text: string
  readonly thread?: number
  readonly replyTo?: number
  /** The labels of its buttons, and what pressing them sends. */
  buttons: readonly { readonly text: string; readonly callback_data: string }[]
  entities: readonly object[]
  readonly file?: { readonly name: string; readonly content: string }
  /** It is shown as a picture, which has no name of its own. */
  readonly picture?: boolean
  reactions: readonly string[]
  deleted: boolean
  /** Another message than this one has its text now; how often that happened. */
  edits: number
}

/** Who is there and what has been said, as the network remembers it. */
export class Chats {
  readonly me: User = { id: 777, is_bot: true, first_name: 'Huskies', username: 'HuskiesBot' }
  readonly #clock: Clock
  readonly #chats = new Map<number, Chat>()
  readonly #messages = new Map<number, Shown[]>()
  #ids = 1000

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A person, and their direct chat with the bot. */
  person(name: string, isBot = false): User {
    const user = { id: ++this.#ids, is_bot: isBot, first_name: name }
    this.#chats.set(user.id, { id: user.id, type: 'private', first_name: name })
    return user
  }

  group(title: string, type: 'group' | 'supergroup' = 'supergroup'): Chat {
    const chat: Chat = { id: -++this.#ids, type, title }
    this.#chats.set(chat.id, chat)
    return chat
  }

  /** The chat, as somebody who wants to write there finds it. Throws `Refusal`. */
  open(id: unknown): Chat {
    const chat = this.#chats.get(Number(id))
    if (!chat) throw badRequest('chat not found')
    if (chat.migrated !== undefined)
      throw new Refusal(400, 'Bad Request: group chat was upgraded to a supergroup chat', {
        migrate_to_chat_id: chat.migrated,
      })
    if (chat.closed === 'blocked') throw new Refusal(403, 'Forbidden: bot was blocked by the user')
    if (chat.closed === 'kicked')
      throw new Refusal(403, 'Forbidden: bot was kicked from the supergroup chat')
    if (chat.closed) throw badRequest('group chat was deactivated')
    return chat
  }

  chat(id: number): Chat {
    const chat = this.#chats.get(id)
    if (!chat) throw new Error(`There is no chat ${id}.`)
    return chat
  }

  add(message: Pick<Shown, 'chat' | 'from' | 'text'> & Partial<Shown>): Shown {
    const { id } = message.chat
    const earlier = this.#messages.get(id) ?? []
    const shown: Shown = {
      ...{ buttons: [], entities: [], reactions: [], deleted: false, edits: 0 },
      message_id: earlier.length + 1,
      date: Math.floor(this.#clock.now() / 1000),
      ...message,
    }
    earlier.push(shown)
    this.#messages.set(id, earlier)
    return shown
  }

  /** One of the bot's own messages. Throws `Refusal` where there is none of that number. */
  own(chat: Chat, id: unknown): Shown {
    const found = this.find(chat.id, Number(id))
    if (!found) throw badRequest('message to edit not found')
    if (found.from.id !== this.me.id) throw badRequest("message can't be edited")
    return found
  }

  find(chat: number, id: number): Shown | undefined {
    return this.in(chat).find(({ message_id }) => message_id === id)
  }

  /** A file by the id that its message tells. Throws `Refusal`. */
  file(id: string): NonNullable<Shown['file']> {
    const [, chat, message] = /^file-(-?\d+)-(\d+)$/.exec(id) ?? []
    const file = this.find(Number(chat), Number(message))?.file
    if (!file) throw badRequest('invalid file_id')
    return file
  }

  /** All that people see in a chat, the oldest first. */
  in(chat: number): readonly Shown[] {
    return (this.#messages.get(chat) ?? []).filter(({ deleted }) => !deleted)
  }
}
