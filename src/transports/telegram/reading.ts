import type { Message, MessageEntity, User, UserFromGetMe } from 'grammy/types'
import type { IncomingFile, IncomingMessage, Person } from '../../bot/message.ts'
import { NamePrefix } from '../../bot/parser.ts'
import { eventIdOf, placeOf } from './address.ts'

/** Reads what people say to a bot on Telegram. */
export class Reading {
  readonly #me: UserFromGetMe
  readonly #name: NamePrefix
  /** The names of commands, by how the menu spells them. */
  readonly #commands: ReadonlyMap<string, string>

  constructor(me: UserFromGetMe, commands: readonly string[]) {
    this.#me = me
    this.#name = new NamePrefix([me.first_name, me.username])
    this.#commands = new Map(commands.map((name) => [menuName(name), name]))
  }

  /** The message; undefined where nobody said it, a bot did, or it is for another bot. */
  read(message: Message): IncomingMessage | undefined {
    const { from, chat, date } = message
    if (!from || from.is_bot || chat.type === 'channel') return undefined
    const files = filesOf(message)
    const said = this.#textOf(message) ?? (files.length > 0 && wordless)
    if (!said) return undefined
    const direct = chat.type === 'private'
    return {
      ...placeOf(message),
      eventId: eventIdOf(chat.id, message.message_id),
      sender: personOf(from),
      text: said.text,
      direct,
      addressed: direct || said.named || this.#isReplyToMe(message),
      at: date * 1000,
      ...(files.length > 0 && { files }),
    }
  }

  /** The text without the bot's own name, and whether it was there. */
  #textOf(message: Message): { readonly text: string; readonly named: boolean } | undefined {
    const text = message.text ?? message.caption
    if (text === undefined || text.trim() === '') return undefined
    const entities = message.entities ?? message.caption_entities ?? []
    const first = entities.find(({ type, offset }) => type === 'bot_command' && offset === 0)
    if (first) return this.#command(text, first.length, message.chat.type === 'private')
    const mention = entities.find((entity) => this.#isMe(entity, text))
    const rest = mention ? without(text, mention) : text
    const called = this.#name.strip(rest)
    return { text: called || rest, named: mention !== undefined || called !== undefined }
  }

  /** `/status@HuskiesBot 12` is `/status 12`; a command for another bot is nothing to us. */
  #command(text: string, length: number, direct: boolean) {
    const [name = '', bot] = text.slice(1, length).split('@')
    if (bot !== undefined && bot.toLowerCase() !== this.#me.username.toLowerCase()) return undefined
    const rest = text.slice(length)
    // It is what a person's program says for them when they open the chat.
    if (direct && name === 'start' && rest.trim() === '') return { text: '/help', named: true }
    return { text: `/${this.#commands.get(name.toLowerCase()) ?? name}${rest}`, named: true }
  }

  #isMe(entity: MessageEntity, text: string): boolean {
    if (entity.type === 'text_mention') return entity.user.id === this.#me.id
    const { offset, length } = entity
    const mentioned = text.slice(offset, offset + length).toLowerCase()
    return entity.type === 'mention' && mentioned === `@${this.#me.username.toLowerCase()}`
  }

  /** In a topic, what is no reply at all is one to the topic's first message. */
  #isReplyToMe({ reply_to_message: replied }: Message): boolean {
    return replied?.from?.id === this.#me.id && replied.forum_topic_created === undefined
  }
}

/** How the menu spells a command: with letters, digits and underscores alone. */
export function menuName(command: string): string {
  return command.toLowerCase().replaceAll('-', '_')
}

export function personOf({ id, first_name: first, last_name: last }: User): Person {
  return { id: `telegram:${id}`, name: last ? `${first} ${last}` : first }
}

const wordless = { text: '', named: false }

/** What came with a message: of a picture, which comes in several sizes, the largest. */
function filesOf(message: Message): readonly IncomingFile[] {
  const { document, video, audio, voice, photo } = message
  const picture = photo?.at(-1)
  return [
    ...(document ? [{ name: document.file_name ?? 'file', ref: document.file_id }] : []),
    ...(video ? [{ name: video.file_name ?? 'video.mp4', ref: video.file_id }] : []),
    ...(audio ? [{ name: audio.file_name ?? 'audio', ref: audio.file_id }] : []),
    ...(voice ? [{ name: 'voice.ogg', ref: voice.file_id }] : []),
    ...(picture ? [{ name: 'picture.jpg', ref: picture.file_id }] : []),
  ]
}

function without(text: string, { offset, length }: MessageEntity): string {
  const [before, after] = [text.slice(0, offset), text.slice(offset + length)]
  return before.trim() === '' ? after.replace(/^[\s:,]+/, '') : `${before.trimEnd()}${after}`.trim()
}
