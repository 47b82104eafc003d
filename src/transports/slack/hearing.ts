import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../kernel/clock.ts'
import { ConnectionFailure, type Listener } from '../transport.ts'
import { eventIdOf, msOf, placeOf } from './address.ts'
import { acknowledge, type Changed, type Envelope, type Said, slackEvent } from './events.ts'
import { tokenAdvice } from './failures.ts'
import type { History } from './history.ts'
import type { Interactions } from './interactions.ts'
import type { Reading } from './reading.ts'
import type { SlackState } from './slack-state.ts'

/** What hearing works with. */
export interface HearingParts {
  readonly listener: Listener
  readonly reading: Reading
  readonly interactions: Interactions
  readonly history: History
  readonly state: SlackState
  readonly clock: Clock
  /** The bot's own user. */
  readonly me: string
  /** Told once all that was said while the bot was away is stored. */
  readonly caughtUp: () => void
  /** Told of what ends the connection. */
  readonly failed: (error: unknown) => void
}

/** So far back messages may come out of their order. */
const marginMs = 60_000
const mostTwins = 1000
const spoken = [undefined, 'file_share', 'thread_broadcast', 'me_message']

/**
 * Hands in what people say, one after the other, and tells Slack of each that it has come only when it
 * is stored. What was said while the bot was away is read first, from the history.
 */
export class Hearing {
  readonly #parts: HearingParts
  readonly #waiting: Envelope[] = []
  #caughtUp: Promise<void> | undefined
  #isWorking = false
  /** As what each message was heard: a mention comes as a message too, and out of the history. */
  readonly #heardAs = new Map<string, Said['type'] | 'history'>()

  constructor(parts: HearingParts) {
    this.#parts = parts
  }

  /** Reads what was missed; what comes meanwhile waits for that. */
  begin(): void {
    this.#caughtUp ??= this.#catchUp().catch(this.#fail)
  }

  /** Takes what has come from Slack. */
  take(envelope: Envelope): void {
    const { interactions } = this.#parts
    const handing = {
      events_api: () => this.#queue(envelope),
      interactive: () => interactions.interact(envelope),
      slash_commands: () => interactions.slash(envelope),
    }[envelope.type]
    handing?.().catch(this.#fail)
  }

  /** Nothing that follows is handed in: it comes again, in its order. */
  readonly #fail = (error: unknown): Promise<never> => {
    this.#parts.failed(error)
    return new Promise(() => {})
  }

  /** What comes through both sockets at once is handed in by its time. */
  async #queue(envelope: Envelope): Promise<void> {
    this.#waiting.push(envelope)
    if (this.#isWorking) return
    this.#isWorking = true
    this.begin()
    await this.#caughtUp
    while (this.#waiting.length > 0) {
      await setImmediate()
      this.#waiting.sort((one, other) => timeOfEvent(one) - timeOfEvent(other))
      const next = this.#waiting.shift()
      if (next) await this.#event(next)
    }
    this.#isWorking = false
  }

  async #catchUp(): Promise<void> {
    const { state, history, clock, me, caughtUp } = this.#parts
    const until = state.heardUntil
    if (until === undefined) state.heard(clock.now() + marginMs)
    else {
      const since = until - marginMs
      let latest = until
      for (const channel of await history.channels())
        for (const message of await history.since(channel, since, me)) {
          if (!spoken.includes(message.subtype)) continue
          await this.#receive({ ...message, channel, type: 'message' } as Said)
          this.#heardAs.set(eventIdOf(channel, message.ts), 'history')
          latest = Math.max(latest, msOf(message.ts))
        }
      state.heard(latest)
    }
    caughtUp()
  }

  async #event({ body, ack }: Envelope): Promise<void> {
    const { data: event } = slackEvent.safeParse((body as { event?: unknown }).event)
    if (event) {
      const { listener, state } = this.#parts
      if ('new_channel_id' in event) state.moved(event.old_channel_id, event.new_channel_id)
      else if (!('channel' in event)) throw new ConnectionFailure('refused', tokenAdvice('bot'))
      else if ('message' in event) await this.#changed(event)
      else if ('deleted_ts' in event)
        await listener.remove(placeOf(event.channel), eventIdOf(event.channel, event.deleted_ts))
      else if (!this.#isTwin(event)) {
        await this.#receive(event)
        this.#heardAs.set(eventIdOf(event.channel, event.ts), event.type)
        state.heard(msOf(event.ts))
      }
    }
    await acknowledge(ack)
  }

  async #receive(event: Said): Promise<void> {
    const { listener, reading } = this.#parts
    const message = await reading.read(event.channel, event)
    if (message) await listener.receive(message)
  }

  /** Slack tells also of changes that nobody made: of a picture that it has put under a link. */
  async #changed({ channel, message, previous_message: before }: Changed): Promise<void> {
    const { listener, reading } = this.#parts
    if (message.subtype === 'tombstone')
      await listener.remove(placeOf(channel), eventIdOf(channel, message.ts))
    else if (message.edited && message.text !== before?.text) {
      const changed = await reading.read(channel, message)
      if (changed) await listener.edit(changed, changed.eventId, changed.text)
    }
  }

  #isTwin({ channel, ts, type }: Said): boolean {
    const heard = this.#heardAs
    const [oldest] = heard.keys()
    if (oldest !== undefined && heard.size > mostTwins) heard.delete(oldest)
    const before = heard.get(eventIdOf(channel, ts))
    return before !== undefined && before !== type
  }
}

/** What has no time of its own comes first. */
function timeOfEvent({ body }: Envelope): number {
  const { event_ts: ts } = (body as { event?: { event_ts?: unknown } }).event ?? {}
  return Number(ts ?? 0)
}
