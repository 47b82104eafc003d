import type { Message } from 'grammy/types'
import type { Place } from '../../bot/message.ts'

/** Messages are numbered in each chat anew, so that only both together name one. */
export function eventIdOf(chat: number, message: number): string {
  return `${chat}/${message}`
}

/** The message's number in the chat; undefined for an id of another chat, or of none. */
export function messageNumber(eventId: string | undefined, chat: number): number | undefined {
  const [, of, number] = /^(-?\d+)\/(\d+)/.exec(eventId ?? '') ?? []
  return Number(of) === chat ? Number(number) : undefined
}

/** Where a message was said: a chat, or a topic of it. */
export function placeOf(
  message: Pick<Message, 'chat'> & Partial<Pick<Message, 'message_thread_id' | 'is_topic_message'>>,
): Place {
  const { chat, is_topic_message: inTopic, message_thread_id: thread } = message
  const place = { transport: 'telegram', room: String(chat.id) }
  return inTopic && thread !== undefined ? { ...place, thread: String(thread) } : place
}
