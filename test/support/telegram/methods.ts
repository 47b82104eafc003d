import { readTelegramHtml } from '../markup/telegram-html.ts'
import type { Chat, Chats, Shown } from './chats.ts'
import type { Limits } from './limits.ts'
import { badRequest } from './refusal.ts'
import type { Webhook } from './webhook.ts'

/** The parameters of a call, as they came. */
export type Parameters = Readonly<Record<string, unknown>>

/** What the methods work on. */
export interface MethodParts {
  readonly chats: Chats
  /** Undefined where everybody may send as fast as they like. */
  readonly limits: Limits | undefined
  /** Set by `setMyCommands`. */
  readonly menu: { commands: readonly { command: string; description: string }[] }
  readonly webhook: Webhook
  /** Told of what leaves no message behind. */
  readonly noticed: (method: string, parameters: Parameters) => void
}

const longestText = 4096
const longestCaption = 1024
const mostFetched = 20_000_000
const reactions = ['👍', '👎', '❤', '🔥', '👀', '👌', '🎉']

/** The methods of the Bot API that are known here, each as strict as Telegram's own. */
export function methodsOf(parts: MethodParts) {
  const { chats, limits, menu, webhook, noticed } = parts

  function send(parameters: Parameters, text: Written, file?: Shown['file']) {
    const chat = chats.open(parameters.chat_id)
    const thread = threadOf(chat, parameters)
    const replyTo = repliedIn(chat, parameters)
    const buttons = buttonsOf(parameters)
    limits?.count(chat.id)
    return messageOf(
      chats.add({
        ...{ chat, from: chats.me, buttons, ...text },
        ...(thread === undefined ? {} : { thread }),
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(file && { file }),
      }),
    )
  }

  function repliedIn(chat: Chat, { reply_parameters: reply }: Parameters): number | undefined {
    if (reply === undefined) return undefined
    const { message_id: id, allow_sending_without_reply: without } = reply as Parameters
    if (chats.find(chat.id, Number(id))) return Number(id)
    if (without) return undefined
    throw badRequest('message to be replied not found')
  }

  return {
    getMe: () => ({
      ...chats.me,
      ...{ can_join_groups: true, can_read_all_group_messages: false },
      supports_inline_queries: false,
    }),
    getChatMember(parameters: Parameters) {
      const chat = chats.open(parameters.chat_id)
      return { status: chat.botIsAdmin ? 'administrator' : 'member', user: chats.me }
    },
    getFile({ file_id: id }: Parameters) {
      const file = chats.file(String(id))
      if (Buffer.byteLength(file.content) > mostFetched) throw badRequest('file is too big')
      return { file_id: id, file_path: `documents/${id}` }
    },
    getWebhookInfo: () => webhook.info(),
    setWebhook(parameters: Parameters) {
      webhook.set(parameters)
      return true
    },
    deleteWebhook() {
      webhook.end()
      return true
    },
    setMyCommands({ commands }: Parameters) {
      const given = commands as typeof menu.commands
      if (given.length > 100) throw badRequest('BOT_COMMANDS_TOO_MUCH')
      for (const { command, description } of given) {
        if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID')
        if (description.length < 1 || description.length > 256)
          throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID')
      }
      menu.commands = given
      return true
    },
    sendMessage: (parameters: Parameters) =>
      send(parameters, written(parameters, 'text', longestText)),
    async sendDocument(parameters: Parameters) {
      const document = parameters.document
      if (!(document instanceof File)) throw badRequest('there is no document in the request')
      const file = { name: document.name, content: await document.text() }
      return send(parameters, written(parameters, 'caption', longestCaption), file)
    },
    editMessageText(parameters: Parameters) {
      const message = chats.own(chats.open(parameters.chat_id), parameters.message_id)
      const { text, entities } = written(parameters, 'text', longestText)
      const buttons = buttonsOf(parameters)
      const same = JSON.stringify([message.text, message.entities, message.buttons])
      if (same === JSON.stringify([text, entities, buttons]))
        throw badRequest('message is not modified')
      limits?.count(message.chat.id)
      Object.assign(message, { text, entities, buttons, edits: message.edits + 1 })
      return messageOf(message)
    },
    deleteMessage(parameters: Parameters) {
      const message = chats.own(chats.open(parameters.chat_id), parameters.message_id)
      message.deleted = true
      return true
    },
    setMessageReaction(parameters: Parameters) {
      const chat = chats.open(parameters.chat_id)
      const message = chats.find(chat.id, Number(parameters.message_id))
      if (!message) throw badRequest('message to react not found')
      const given = (parameters.reaction as { emoji: string }[]).map(({ emoji }) => emoji)
      if (given.some((emoji) => !reactions.includes(emoji))) throw badRequest('REACTION_INVALID')
      message.reactions = given
      return true
    },
    sendChatAction(parameters: Parameters) {
      chats.open(parameters.chat_id)
      noticed('sendChatAction', parameters)
      return true
    },
    answerCallbackQuery(parameters: Parameters) {
      noticed('answerCallbackQuery', parameters)
      return true
    },
  }
}

type Written = Pick<Shown, 'text' | 'entities'>

/** The text of a call as people will see it. Throws `Refusal` for one that Telegram would not take. */
function written(parameters: Parameters, key: 'text' | 'caption', longest: number): Written {
  const given = String(parameters[key] ?? '')
  const { text, entities } =
    parameters.parse_mode === 'HTML' ? readHtml(given) : { text: given, entities: [] }
  if (key === 'text' && text.trim() === '') throw badRequest('message text is empty')
  if (text.length > longest)
    throw badRequest(`message ${key === 'text' ? '' : 'caption '}is too long`)
  return { text: text.trim(), entities }
}

function readHtml(html: string) {
  try {
    return readTelegramHtml(html)
  } catch (error) {
    throw badRequest((error as Error).message)
  }
}

function threadOf(chat: Chat, { message_thread_id: thread }: Parameters): number | undefined {
  if (thread === undefined) return undefined
  if (chat.type !== 'supergroup') throw badRequest('message thread not found')
  return Number(thread)
}

function buttonsOf({ reply_markup: markup }: Parameters): Shown['buttons'] {
  const given = typeof markup === 'string' ? JSON.parse(markup) : markup
  const rows = (given?.inline_keyboard ?? []) as Shown['buttons'][]
  const buttons = rows.flat()
  for (const { text, callback_data: data } of buttons) {
    if (text === '') throw badRequest('text of a button is empty')
    if (Buffer.byteLength(data) > 64) throw badRequest('BUTTON_DATA_INVALID')
  }
  return buttons
}

/** A message as the Bot API tells it. */
export function messageOf(shown: Shown): object {
  const { chat, thread, text, buttons, entities, replyTo: _, file, picture, ...rest } = shown
  const id = `file-${chat.id}-${rest.message_id}`
  return {
    ...{ message_id: rest.message_id, from: rest.from, date: rest.date, entities },
    chat: { id: chat.id, type: chat.type, title: chat.title, first_name: chat.first_name },
    ...(thread !== undefined && { message_thread_id: thread, is_topic_message: true }),
    ...(!file && { text }),
    ...(file && text !== '' && { caption: text, caption_entities: entities }),
    ...(file && !picture && { document: { file_id: id, file_name: file.name } }),
    ...(picture && {
      photo: [
        { file_id: 'small', width: 1 },
        { file_id: id, width: 90 },
      ],
    }),
    ...(buttons.length > 0 && {
      reply_markup: { inline_keyboard: buttons.map((button) => [button]) },
    }),
  }
}
