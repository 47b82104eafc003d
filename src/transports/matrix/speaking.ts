import { MatrixError } from 'matrix-bot-sdk'
import { type Receipt, SendFailure } from '../../bot/courier.ts'
import type { Part, Place } from '../../bot/message.ts'
import type { Clock } from '../../kernel/clock.ts'
import { choiceKeys, contentOf, editOf } from './content.ts'
import type { HuskiesMatrixClient } from './matrix-client.ts'
import type { MatrixState } from './matrix-state.ts'
import { roomEvent } from './room-event.ts'

export interface SpeakingParts {
  readonly client: HuskiesMatrixClient
  readonly state: MatrixState
  readonly clock: Clock
  readonly installation: string
  readonly random: () => number
}

/** Servers forget the ids of sends after half an hour or so. */
const knownForMs = 20 * 60_000
/** Clocks of servers and of this machine may differ so much. */
const clockSkewMs = 60_000

/** Sends to Matrix. Every method throws `SendFailure` and nothing else. */
export class Speaking {
  readonly #parts: SpeakingParts

  constructor(parts: SpeakingParts) {
    this.#parts = parts
  }

  /** Sends once, however often it is called with the same part. */
  async send(part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#telling(async () => {
      if (signal.aborted) throw new SendFailure('cancelled', 'The program ends.')
      const { client, state, clock } = this.#parts
      const begun = state.begin(part.id, client.session.device, clock.now())
      const isKnown =
        !begun ||
        (begun.device === client.session.device && clock.now() - begun.begunAt < knownForMs)
      const found = isKnown ? undefined : await this.#find(part, begun.begunAt)
      const messageId = found ?? (await this.#post(part, signal))
      await this.#offer(part, messageId)
      state.end(part.id)
      return { messageId }
    })
  }

  async edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    return this.#telling(async () => {
      const content = editOf(messageId, part, this.#parts.installation)
      await this.#parts.client.put(part.room, 'm.room.message', this.#once('edit'), content, signal)
      return { messageId }
    })
  }

  async react({ room }: Place, eventId: string, emoji: string): Promise<void> {
    await this.#telling(() => this.#react(room, eventId, emoji, this.#once('react')))
  }

  async delete({ room }: Place, messageId: string): Promise<void> {
    await this.#telling(() => this.#parts.client.redactEvent(room, messageId))
  }

  /** In HTML, or without it where the server does not take that. */
  async #post(part: Part, signal: AbortSignal): Promise<string> {
    const { client, installation } = this.#parts
    const content = part.file
      ? { ...contentOf(part, installation), ...(await client.upload(part.room, part.file)) }
      : contentOf(part, installation)
    try {
      return await client.put(part.room, 'm.room.message', part.id, content, signal)
    } catch (error) {
      const refused = error instanceof MatrixError && error.statusCode === 400
      if (!refused || part.formatted === undefined) throw error
      const { formatted: _, ...plain } = part
      const id = `${part.id}-plain`
      return client.put(part.room, 'm.room.message', id, contentOf(plain, installation), signal)
    }
  }

  /** Shows the emoji that choose, so that one tap is enough. */
  async #offer({ id, room, choices = [] }: Part, messageId: string): Promise<void> {
    for (const [index, key] of choiceKeys.slice(0, choices.length).entries())
      await this.#react(room, messageId, key, `${id}-choice-${index}`)
  }

  async #react(room: string, event_id: string, key: string, id: string): Promise<void> {
    const relation = { rel_type: 'm.annotation', event_id, key }
    await this.#parts.client.put(room, 'm.reaction', id, { 'm.relates_to': relation })
  }

  /** Looks in the room for a message that an earlier attempt may have sent. */
  async #find({ id, room }: Part, begunAt: number): Promise<string | undefined> {
    const { client } = this.#parts
    for await (const raw of client.backwards(room)) {
      const { success, data: event } = roomEvent.safeParse(raw)
      if (!success) continue
      if (event.origin_server_ts < begunAt - clockSkewMs) return undefined
      if (event.sender === client.session.user && event.content['io.huskies.id'] === id)
        return event.event_id
    }
    return undefined
  }

  #once(kind: string): string {
    return `${kind}-${this.#parts.clock.now()}-${this.#parts.random()}`
  }

  async #telling<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work()
    } catch (error) {
      throw failureOf(error, this.#parts.clock)
    }
  }
}

function failureOf(error: unknown, clock: Clock): SendFailure {
  if (error instanceof SendFailure) return error
  // Whether the server got it is not known, and does not matter: it is repeated under the same id.
  if (!(error instanceof MatrixError))
    return new SendFailure('unknown', 'The server gave no answer.', { cause: error })
  const { errcode, statusCode, retryAfterMs = 5000, message } = error
  const options = { cause: error }
  if (errcode === 'M_LIMIT_EXCEEDED' || statusCode === 429)
    return new SendFailure('rate-limited', message, {
      ...options,
      until: clock.now() + retryAfterMs,
    })
  if (statusCode === 401) return new SendFailure('refused', message, options)
  if (errcode === 'M_FORBIDDEN') return new SendFailure('forbidden', message, options)
  if (errcode === 'M_NOT_FOUND') return new SendFailure('gone', message, options)
  if (statusCode >= 500) return new SendFailure('transient', message, options)
  return new SendFailure('invalid', message, options)
}
