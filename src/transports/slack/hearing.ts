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
const mostTogether = 256
/** Hands in what was read; what it gives back is awaited before Slack is told that it has come. */
type HandIn = () => unknown

const nothing: HandIn = () => {}
const spoken = [undefined, 'file_share', 'thread_broadcast', 'me_message']

/**
 * Hands in what people say, in its order, and tells Slack of each that it has come only when it is
 * stored. What was said while the bot was away is read first, from the history.
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

  /**
   * What comes through both sockets at once is handed in by its time, all of it in one step: so its
   * messages share a commit, and Slack is told when that is done.
   */
  async #queue(envelope: Envelope): Promise<void> {
    this.#waiting.push(envelope)
    if (this.#isWorking) return
    this.#isWorking = true
    const { state } = this.#parts
    this.begin()
    await this.#caughtUp
    while (this.#waiting.length > 0) {
      await this.#settled()
      const together = this.#waiting
        .splice(0)
        .sort((one, other) => timeOfEvent(one) - timeOfEvent(other))
      await this.#handIn(together.map(({ body }) => this.#read(body)))
      state.heard(timeOfEvent(together.at(-1)) * 1000).catch(this.#fail)
      for (const { ack } of together) void acknowledge(ack)
    }
    this.#isWorking = false
  }

  /** What one socket has brought may belong before what the other brings: as long as more comes, it waits. */
  async #settled(): Promise<void> {
    let count: number
    do {
      count = this.#waiting.length
      // The first ends this turn of the event loop, the second one the next.
      await setImmediate()
      await setImmediate()
    } while (this.#waiting.length > count && this.#waiting.length < mostTogether)
  }

  async #catchUp(): Promise<void> {
    const { state, history, clock, me, caughtUp } = this.#parts
    const until = state.heardUntil
    if (until === undefined) await state.heard(clock.now() + marginMs)
    else {
      let latest = until
      for (const channel of await history.channels()) {
        const room = state.roomOf(channel)
        const said = (await history.since(channel, until - marginMs, me))
          .filter(({ subtype }) => spoken.includes(subtype))
          .map((message) => ({ ...message, channel: room, type: 'message' }) as Said)
        await this.#handIn(said.map((message) => this.#readSaid(message, 'history')))
        latest = Math.max(latest, msOf(said.at(-1)?.ts ?? '0'))
      }
      await state.heard(latest)
    }
    caughtUp()
  }

  /** Reading may have to ask Slack who somebody is; then all is handed in at once, in its order. */
  async #handIn(reading: readonly Promise<HandIn>[]): Promise<void> {
    const happenings = await Promise.all(reading)
    await Promise.all(happenings.map(async (handIn) => handIn()))
  }

  async #read(body: unknown): Promise<HandIn> {
    const { listener, state } = this.#parts
    const { data: event } = slackEvent.safeParse((body as { event?: unknown }).event)
    if (!event) return nothing
    if ('new_channel_id' in event) {
      // At once: what was said there since then is read after this.
      state.moved(event.old_channel_id, event.new_channel_id)
      return nothing
    }
    if (!('channel' in event))
      return () => Promise.reject(new ConnectionFailure('refused', tokenAdvice('bot')))
    const channel = state.roomOf(event.channel)
    if ('message' in event) return this.#readChanged({ ...event, channel })
    if (!('deleted_ts' in event)) return this.#readSaid({ ...event, channel }, event.type)
    return () => listener.remove(placeOf(channel), eventIdOf(channel, event.deleted_ts))
  }

  async #readSaid(event: Said, as: Said['type'] | 'history'): Promise<HandIn> {
    const { listener, reading } = this.#parts
    const message = await reading.read(event.channel, event)
    return message ? () => this.#isNew(event, as) && listener.receive(message) : nothing
  }

  /** Slack tells also of changes that nobody made: of a picture that it has put under a link. */
  async #readChanged({ channel, message, previous_message: before }: Changed): Promise<HandIn> {
    const { listener, reading } = this.#parts
    if (message.subtype === 'tombstone')
      return () => listener.remove(placeOf(channel), eventIdOf(channel, message.ts))
    if (!message.edited || message.text === before?.text) return nothing
    const changed = await reading.read(channel, message)
    return changed ? () => listener.edit(changed, changed.eventId, changed.text) : nothing
  }

  /** Whether it was not heard before as something else; it is from now on. */
  #isNew({ channel, ts }: Said, as: Said['type'] | 'history'): boolean {
    const heard = this.#heardAs
    const id = eventIdOf(channel, ts)
    if ((heard.get(id) ?? as) !== as) return false
    heard.set(id, as)
    const [oldest] = heard.keys()
    if (oldest !== undefined && heard.size > mostTwins) heard.delete(oldest)
    return true
  }
}

/** In seconds since the epoch; what has no time of its own comes first. */
function timeOfEvent(envelope: Envelope | undefined): number {
  const { event } = (envelope?.body ?? {}) as { event?: { event_ts?: unknown } }
  return Number(event?.event_ts ?? 0)
}
