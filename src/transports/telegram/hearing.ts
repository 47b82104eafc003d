import type { CallbackQuery, Message, Update } from 'grammy/types'
import type { Place } from '../../bot/message.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Line } from '../transport.ts'
import { eventIdOf, placeOf } from './address.ts'
import type { TelegramApi } from './api.ts'
import type { Groups } from './groups.ts'
import { personOf, type Reading } from './reading.ts'

/** What hearing works with. */
export interface HearingParts {
  readonly api: TelegramApi
  readonly reading: Reading
  readonly clock: Clock
  readonly log: Log
  readonly groups: Groups
}

export const updatesWanted = ['message', 'edited_message', 'callback_query'] as const

/** Hands on what somebody has said or done; resolves when it is stored. */
export async function hand(update: Update, line: Line, parts: HearingParts): Promise<void> {
  const { message, edited_message: edited, callback_query: query } = update
  const { reading, groups } = parts
  if (message) follow(message, groups)
  const said = message && reading.read(message)
  if (said) await line.listener.receive(inRoom(said, groups))
  const changed = edited && reading.read(edited)
  if (changed) await line.listener.edit(inRoom(changed, groups), changed.eventId, changed.text)
  if (query) await press(query, line, parts)
}

/** Both chats tell of a move, in any order: what else is said in the new one may come before the other. */
function follow(
  { chat, migrate_to_chat_id: to, migrate_from_chat_id: from }: Message,
  groups: Groups,
) {
  if (to !== undefined) groups.moved(groups.roomOf(String(chat.id)), to)
  if (from !== undefined) groups.moved(groups.roomOf(String(from)), chat.id)
}

async function press(query: CallbackQuery, line: Line, parts: HearingParts): Promise<void> {
  const { api, clock, groups, log } = parts
  const { message, from, data = '' } = query
  const [, outgoing, choice] = /^(.+):(\d+)$/.exec(data) ?? []
  if (message && outgoing !== undefined)
    await line.listener.choose({
      ...inRoom(placeOf(message), groups),
      eventId: `${eventIdOf(message.chat.id, message.message_id)}/${query.id}`,
      sender: personOf(from),
      direct: message.chat.type === 'private',
      at: clock.now(),
      message: outgoing,
      choice: Number(choice),
    })
  // It ends the waiting that the person's program shows, and nothing else depends on it.
  api
    .answerCallbackQuery({ callback_query_id: query.id })
    .catch(({ message }: Error) => log.debug({ reason: message }, 'A press was not answered.'))
}

function inRoom<Said extends Place>(said: Said, groups: Groups): Said {
  return { ...said, room: groups.roomOf(said.room) }
}
