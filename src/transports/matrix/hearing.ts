import { EncryptedRoomEvent } from 'matrix-bot-sdk'
import type { Place } from '../../bot/message.ts'
import type { NamePrefix } from '../../bot/parser.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { ConnectionFailure, type Listener } from '../transport.ts'
import { choiceOf } from './content.ts'
import { isPassing, unlessRefused } from './failures.ts'
import type { HuskiesMatrixClient } from './matrix-client.ts'
import type { MatrixState } from './matrix-state.ts'
import {
  isJoiningOf,
  type Meaning,
  meaningOf,
  mentions,
  type RoomEvent,
  roomEvent,
} from './room-event.ts'
import type { Rooms } from './rooms.ts'
import type { SyncHandlers } from './sync.ts'

export interface HearingParts {
  readonly client: HuskiesMatrixClient
  readonly state: MatrixState
  readonly rooms: Rooms
  readonly listener: Listener
  readonly clock: Clock
  readonly log: Log
  /** Names this installation in what it sends: the same account elsewhere is noticed by it. */
  readonly installation: string
  /** Whether this person may bring the bot into a room. */
  readonly mayInvite: (person: string) => boolean
  /** How the bot is called there. */
  readonly name: NamePrefix
}

/** A key comes within seconds, or somebody has to be told. */
const patienceMs = 60_000
/** Of so many messages it is known in which thread they are: who changes one does not say so. */
const mostThreads = 1000

/** What is done with what happens in the bot's rooms. */
export class Hearing implements SyncHandlers {
  readonly #parts: HearingParts
  readonly #since: number
  readonly #threads = new Map<string, string>()

  constructor(parts: HearingParts) {
    this.#parts = parts
    this.#since = parts.clock.now()
  }

  async event(room: string, raw: unknown): Promise<void> {
    const { client, rooms } = this.#parts
    const { success, data: event } = roomEvent.safeParse(raw)
    if (!success) return
    if (event.type === 'm.room.member' && event.state_key !== undefined)
      rooms.changed(room, event.state_key)
    if (event.type === 'm.room.encrypted' && !client.crypto) return this.#sayUnreadable(room)
    if (isJoiningOf(raw, client.session.user)) await this.#answerStranger(room, event)
    if (event.sender === client.session.user) return this.#own(event)
    const meaning = meaningOf(event)
    if (meaning) await this.#hear(room, event, meaning)
  }

  /** Whoever is allowed to is followed; a stranger only into a room of two, to be told how to be let in. */
  async invited(room: string, raw: unknown): Promise<void> {
    const { client, state, mayInvite, log } = this.#parts
    const { success, data: { sender, content } = {} } = roomEvent.partial().safeParse(raw)
    if (!success || sender === undefined) return
    const known = mayInvite(`matrix:${sender}`)
    if (!known && content?.is_direct !== true) return
    state.follow(room, known ? undefined : sender)
    try {
      await client.joinRoom(room)
    } catch (err) {
      if (isPassing(err)) throw err
      log.warn({ err, room }, 'An invitation cannot be accepted.')
    }
  }

  async undecryptable(room: string, event: unknown): Promise<void> {
    const { success, data } = roomEvent.safeParse(event)
    if (!success) return
    const { state, clock } = this.#parts
    state.defer({ eventId: data.event_id, room, event, since: clock.now() })
  }

  /** A message that could not be read is either heard late or asked for again: never both. */
  async again(): Promise<void> {
    const { client, state, clock } = this.#parts
    for (const { eventId, room, event, since } of state.unread()) {
      const decrypted = await client.crypto
        ?.decryptRoomEvent(new EncryptedRoomEvent(event), room)
        .catch(() => undefined)
      if (decrypted) await this.event(room, decrypted.raw)
      else if (clock.now() - since > patienceMs) await this.#sayUndecryptable(room, eventId)
      else continue
      state.settle(eventId)
    }
  }

  /**
   * Hands on that a stranger has asked the bot into this room, as if they had said something. It is done
   * when the server tells that the bot is there, since that comes again until it is stored.
   */
  async #answerStranger(room: string, joining: RoomEvent): Promise<void> {
    const { listener, state } = this.#parts
    const stranger = state.strangerIn(room)
    if (stranger === undefined) return
    const { event_id: eventId } = joining
    const from = await this.#from(room, { ...joining, sender: stranger })
    const said = { ...from, eventId, text: '', direct: true, addressed: true }
    await listener.receive({ transport: 'matrix', room, ...said })
    state.follow(room)
  }

  async #hear(room: string, event: RoomEvent, meaning: Meaning): Promise<void> {
    const { listener } = this.#parts
    const thread = 'target' in meaning ? this.#threads.get(meaning.target) : meaning.thread
    const place: Place = { transport: 'matrix', room, ...(thread !== undefined && { thread }) }
    switch (meaning.kind) {
      case 'message':
        this.#remember(event.event_id, thread)
        return this.#receive(place, event, meaning)
      case 'edit':
        await listener.edit(place, meaning.target, meaning.text)
        return
      case 'removal':
        await listener.remove(place, meaning.target)
        return
      case 'reaction':
        return this.#choose(room, event, meaning)
    }
  }

  #remember(eventId: string, thread: string | undefined): void {
    if (thread === undefined) return
    this.#threads.set(eventId, thread)
    const [oldest] = this.#threads.keys()
    if (this.#threads.size > mostThreads && oldest !== undefined) this.#threads.delete(oldest)
  }

  async #receive(
    place: Place,
    event: RoomEvent,
    { text, replyTo, files }: Meaning & { kind: 'message' },
  ): Promise<void> {
    const { client, listener, log, name } = this.#parts
    const { room } = place
    const { event_id: eventId, content } = event
    const me = client.session.user
    const called = name.strip(text)
    const addressed =
      called !== undefined ||
      mentions(content, me) ||
      (replyTo !== undefined && (await this.#senderOf(room, replyTo)) === me)
    const said = { eventId, text: called || text, addressed, ...(await this.#from(room, event)) }
    await listener.receive({ ...place, ...said, ...(files && { files }) })
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/receipt/m.read/${encodeURIComponent(eventId)}`
    client
      .doRequest('POST', path, null, {})
      .catch((err) => log.debug({ err }, 'A receipt was not taken.'))
  }

  async #choose(
    room: string,
    event: RoomEvent,
    { target, key }: Meaning & { kind: 'reaction' },
  ): Promise<void> {
    const { client, listener } = this.#parts
    const choice = choiceOf(key)
    if (choice === undefined) return
    const asked = roomEvent.safeParse(await unlessRefused(client.getEvent(room, target)))
    const id = asked.data?.content['io.huskies.id']
    if (asked.data?.sender !== client.session.user || id === undefined) return
    const [message = id] = id.split('.')
    const thread = asked.data.content['m.relates_to']
    const place = {
      transport: 'matrix',
      room,
      ...(thread?.rel_type === 'm.thread' && thread.event_id && { thread: thread.event_id }),
    }
    const press = { message, choice, eventId: event.event_id }
    await listener.choose({ ...place, ...press, ...(await this.#from(room, event)) })
  }

  async #from(room: string, { sender, origin_server_ts: at }: RoomEvent) {
    const { rooms } = this.#parts
    const name = await rooms.nameOf(room, sender)
    return { sender: { id: `matrix:${sender}`, name }, direct: await rooms.isDirect(room), at }
  }

  async #senderOf(room: string, eventId: string): Promise<unknown> {
    const event = await unlessRefused(this.#parts.client.getRawEvent(room, eventId))
    return event?.sender
  }

  /** What the account says now and this program did not send, another one did. */
  #own({ content, origin_server_ts: at }: RoomEvent): void {
    const { client, installation } = this.#parts
    const from = content['io.huskies.installation']
    if (from === undefined || from === installation || at < this.#since) return
    throw new ConnectionFailure(
      'conflict',
      `Another huskies speaks as ${client.session.user}: end it, or give this one an account of its own.`,
    )
  }

  async #sayUnreadable(room: string): Promise<void> {
    const { client, state } = this.#parts
    if (state.read(`told ${room}`) !== undefined) return
    const body =
      'This room is encrypted, and I was set up without encryption: I cannot read what is said here. Use a room without it, or set encryption = true in bot.toml.'
    await client.notice(room, `unreadable-${room}`, { body })
    state.write(`told ${room}`, 'unreadable')
  }

  async #sayUndecryptable(room: string, eventId: string): Promise<void> {
    const body =
      'I have no key for this message and cannot read it: please say it again, and start your program anew if that does not help.'
    const relation = { 'm.in_reply_to': { event_id: eventId } }
    await this.#parts.client.notice(room, `undecryptable-${eventId}`, {
      body,
      'm.relates_to': relation,
    })
  }
}
