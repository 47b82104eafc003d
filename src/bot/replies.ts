import type { Log } from '../kernel/log.ts'
import { Problem } from '../kernel/problem.ts'
import type { Entry } from './inbox.ts'
import type { Place } from './message.ts'
import type { Draft } from './outbox.ts'

/** An answer to a message, in the message's own place; in a room it points at the message, or nobody else sees either. */
export function replyTo(entry: Entry, text: string): Draft {
  const { direct, aside, eventId, sender } = entry
  const whom = aside ? { onlyFor: sender.id } : direct ? {} : { replyTo: eventId }
  return { ...placeOf(entry), text, ...whom }
}

export function placeOf({ transport, room, thread }: Place): Place {
  return thread === undefined ? { transport, room } : { transport, room, thread }
}

/** What a person is told of an error: a problem's own sentence; of a bug only that the log has it. */
export function sentenceOf(error: unknown, log: Log, facts: object): string {
  if (error instanceof Problem) return error.message
  log.error({ ...facts, err: error }, 'A message could not be answered.')
  return 'That went wrong inside huskies; the log has the details.'
}
