import { GrammyError, InputFile } from 'grammy'
import type { InlineKeyboardMarkup, Message } from 'grammy/types'
import { type Receipt, SendFailure } from '../../bot/courier.ts'
import type { Part, Place } from '../../bot/message.ts'
import type { Clock } from '../../kernel/clock.ts'
import { eventIdOf, messageNumber } from './address.ts'
import { asApiSignal, type TelegramApi } from './api.ts'
import { sendFailure } from './failures.ts'
import type { Groups } from './groups.ts'

type ApiSignal = ReturnType<typeof asApiSignal>

const never = new AbortController().signal

/** Says things on Telegram. Everything throws `SendFailure` and nothing else. */
export class Speaking {
  readonly #api: TelegramApi
  readonly #clock: Clock
  readonly #groups: Groups

  constructor(api: TelegramApi, groups: Groups, clock: Clock) {
    this.#api = api
    this.#groups = groups
    this.#clock = clock
  }

  async send(part: Part, signal: AbortSignal): Promise<Receipt> {
    const { text, file } = part
    const sent = await this.#call<Message>(part, signal, (chat_id, stop) => {
      const form = { ...topicOf(part), ...repliedBy(part, chat_id), ...keyboardOf(part) }
      if (!file) return this.#api.sendMessage({ chat_id, ...form, ...textOf(part) }, stop)
      const document = new InputFile(Buffer.from(file.content), file.name)
      return this.#api.sendDocument({ chat_id, ...form, document, caption: text }, stop)
    })
    return { messageId: eventIdOf(sent.chat.id, sent.message_id) }
  }

  /** A message that cannot be changed any more is followed by a new one. */
  async edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    if (part.file) return this.send(part, signal)
    const change = { ...textOf(part), ...keyboardOf(part) }
    try {
      await this.#call(part, signal, async (chat_id, stop) => {
        const message_id = messageNumber(messageId, chat_id)
        if (message_id === undefined) throw new SendFailure('gone', 'message to edit not found')
        await this.#api.editMessageText({ chat_id, message_id, ...change }, stop)
      })
    } catch (error) {
      const { message } = error as SendFailure
      if (/to edit not found|can't be edited/i.test(message)) return this.send(part, signal)
      if (!/is not modified/i.test(message)) throw error
    }
    return { messageId }
  }

  async react(place: Place, eventId: string, emoji: string): Promise<void> {
    // Telegram's types name the few emoji that it knows; it answers for any other.
    const reaction = [{ type: 'emoji' as const, emoji: emoji as '👀' }]
    await this.#call(place, never, async (chat_id, stop) => {
      const message_id = messageNumber(eventId, chat_id)
      if (message_id === undefined) return
      await this.#api.setMessageReaction({ chat_id, message_id, reaction }, stop)
    })
  }

  async delete(place: Place, messageId: string): Promise<void> {
    await this.#call(place, never, async (chat_id, stop) => {
      const message_id = messageNumber(messageId, chat_id)
      if (message_id !== undefined) await this.#api.deleteMessage({ chat_id, message_id }, stop)
    })
  }

  /** Shows for five seconds that the bot is at work. */
  async showTyping(place: Place): Promise<void> {
    await this.#call(place, never, (chat_id, stop) =>
      this.#api.sendChatAction({ chat_id, ...topicOf(place), action: 'typing' }, stop),
    )
  }

  /** Calls with the chat's present id, and again where Telegram answers that it has another one. */
  async #call<Result>(
    { room }: Place,
    signal: AbortSignal,
    call: (chat: number, stop: ApiSignal) => Promise<Result>,
  ): Promise<Result> {
    if (signal.aborted) throw new SendFailure('cancelled', 'The program stops.')
    const chat = this.#groups.chatOf(room)
    try {
      return await call(chat, asApiSignal(signal))
    } catch (error) {
      const to = error instanceof GrammyError ? error.parameters.migrate_to_chat_id : undefined
      if (to === undefined || to === chat) throw sendFailure(error, this.#clock.now())
      this.#groups.moved(room, to)
      return this.#call({ transport: 'telegram', room }, signal, call)
    }
  }
}

function topicOf({ thread }: Place) {
  return thread === undefined ? {} : { message_thread_id: Number(thread) }
}

function repliedBy({ replyTo }: Part, chat: number) {
  const message_id = messageNumber(replyTo, chat)
  if (message_id === undefined) return {}
  return { reply_parameters: { message_id, allow_sending_without_reply: true } }
}

function textOf({ text, formatted }: Part) {
  const previews = { link_preview_options: { is_disabled: true } }
  return formatted === undefined
    ? { text, ...previews }
    : { text: formatted, parse_mode: 'HTML' as const, ...previews }
}

/** A button holds the message's id and the choice's number: Telegram keeps 64 bytes for it. */
function keyboardOf({ id, choices }: Part): { readonly reply_markup?: InlineKeyboardMarkup } {
  if (!choices || choices.length === 0) return {}
  const message = id.replace(/\.\d+$/, '')
  const buttons = choices.map(({ label }, index) => [
    { text: label, callback_data: `${message}:${index}` },
  ])
  return { reply_markup: { inline_keyboard: buttons } }
}
