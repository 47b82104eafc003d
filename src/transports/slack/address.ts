import type { Place } from '../../bot/message.ts'

/**
 * Messages are named by their time, which is unique in each channel. The id is the same whether an
 * event comes as a message, as a mention, once more, or out of the history.
 */
export function eventIdOf(channel: string, ts: string): string {
  return `${channel}/${ts}`
}

/** The message's time; undefined for an id of anything but a message. */
export function timeOf(eventId: string): string | undefined {
  return /^[CDG][A-Z0-9]+\/(\d+\.\d+)$/.exec(eventId)?.[1]
}

/** Where a message was said: a channel, or a thread of it. */
export function placeOf(channel: string, thread?: string): Place {
  const place = { transport: 'slack', room: channel }
  return thread === undefined ? place : { ...place, thread }
}

/** The user of a person's id. */
export function userOf(person: string): string {
  return person.replace(/^.*[:/]/, '')
}

/** Direct chats with the bot have ids of their own kind. */
export function isDirect(channel: string): boolean {
  return channel.startsWith('D')
}

/** In ms since the epoch, with its fractions. */
export function msOf(ts: string): number {
  return Number(ts) * 1000
}

/** As Slack writes a moment, in seconds. */
export function tsOf(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(6)
}
