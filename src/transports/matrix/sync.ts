import { MatrixError } from 'matrix-bot-sdk'
import type { Line } from '../transport.ts'
import type { HuskiesMatrixClient } from './matrix-client.ts'
import type { MatrixState } from './matrix-state.ts'
import { isJoiningOf } from './room-event.ts'
import type { Rooms } from './rooms.ts'

/** How long the server holds a request open when it has nothing to say. */
export const longPollMs = 30_000
/** The server answers with this many messages of a room at once; the rest is asked for. */
const filter = JSON.stringify({
  presence: { types: [] },
  room: { timeline: { limit: 50 }, state: { lazy_load_members: true } },
})

interface Timeline {
  limited?: boolean
  prev_batch?: string
  events?: unknown[]
}

/** An answer of the server, as far as it is changed here before the SDK reads it. */
interface SyncAnswer {
  readonly next_batch: string
  readonly rooms?: { readonly join?: Readonly<Record<string, { timeline?: Timeline }>> }
}

/** What is done with each thing that the server tells, in its order; the next waits for it. */
export interface SyncHandlers {
  /** Events of a room that the bot is in, decrypted where that was possible. */
  event(room: string, event: unknown): Promise<void>
  invited(room: string, event: unknown): Promise<void>
  /** Its key may come later. */
  undecryptable(room: string, event: unknown): Promise<void>
  /** What was undecryptable may be read now: its key may have come. */
  again(): Promise<void>
}

/**
 * Reads what happens on the server from where it was left, until the line ends. How far it was read
 * is stored only after all of it was handled. At the very first time nothing said earlier is told,
 * but in rooms that the bot has just followed somebody into.
 */
export class Sync {
  readonly #client: HuskiesMatrixClient
  readonly #state: MatrixState
  readonly #rooms: Rooms
  readonly #handlers: SyncHandlers

  constructor(
    client: HuskiesMatrixClient,
    state: MatrixState,
    rooms: Rooms,
    handlers: SyncHandlers,
  ) {
    this.#client = client
    this.#state = state
    this.#rooms = rooms
    this.#handlers = handlers
  }

  /** Throws what the requests throw. */
  async run(line: Line): Promise<void> {
    line.reached('catching-up')
    for (let timeoutMs = 0; !line.signal.aborted; timeoutMs = longPollMs) {
      const since = this.#state.read('token')
      const answer = await this.#ask(since, timeoutMs)
      line.alive()
      await this.#complete(answer, since)
      await this.#client.handleSync(answer, (kind, room, event) => this.#tell(kind, room, event))
      await this.#handlers.again()
      this.#state.write('token', answer.next_batch)
      line.reached('connected')
    }
  }

  async #ask(since: string | undefined, timeoutMs: number): Promise<SyncAnswer> {
    const query = { timeout: timeoutMs, filter, ...(since !== undefined && { since }) }
    const patience = timeoutMs + longPollMs
    const path = '/_matrix/client/v3/sync'
    return (await this.#client.doRequest('GET', path, query, null, patience)) as SyncAnswer
  }

  async #tell(kind: string, room: string, event: unknown): Promise<void> {
    const { crypto } = this.#client
    if (kind === 'room.invite') await this.#handlers.invited(room, event)
    if (kind === 'room.failed_decryption') await this.#handlers.undecryptable(room, event)
    if (kind === 'room.join') {
      this.#rooms.joined(room)
      await crypto?.onRoomJoin(room)
    }
    if (kind !== 'room.event') return
    await crypto?.onRoomEvent(room, event)
    await this.#handlers.event(room, event)
  }

  /**
   * Leaves of each room's messages those that are the bot's to hear, and puts what the server left
   * out before those that it sent.
   */
  async #complete({ rooms }: SyncAnswer, since: string | undefined): Promise<void> {
    for (const [room, { timeline }] of Object.entries(rooms?.join ?? {})) {
      if (!timeline?.events) continue
      const { user } = this.#client.session
      const followed = this.#state.hasFollowed(room)
      if (since === undefined && !followed) timeline.events = timeline.events.filter(isState)
      else if (timeline.limited && timeline.prev_batch !== undefined)
        timeline.events.unshift(...(await this.#missed(room, timeline.prev_batch, since)))
      if (followed || !this.#rooms.isKnown(room))
        timeline.events = fromJoining(timeline.events, user)
    }
  }

  async #missed(
    room: string,
    from: string,
    since: string | undefined,
  ): Promise<readonly unknown[]> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages`
    const missed: unknown[] = []
    for (let end: string | undefined = from; end !== undefined; ) {
      const query = { dir: 'b', from: end, limit: 100, ...(since !== undefined && { to: since }) }
      const page = (await this.#client.doRequest('GET', path, query).catch(forbidden)) as {
        chunk: unknown[]
        end?: string
      }
      missed.push(...page.chunk)
      const { user } = this.#client.session
      const isBegin = since === undefined && page.chunk.some((event) => isJoiningOf(event, user))
      end = page.chunk.length > 0 && !isBegin ? page.end : undefined
    }
    return missed.reverse()
  }
}

/** The bot may not see what was said there: then there is nothing that it missed. */
function forbidden(error: unknown): { chunk: unknown[] } {
  if (error instanceof MatrixError && error.errcode === 'M_FORBIDDEN') return { chunk: [] }
  throw error
}

/** Of a room that was just entered, what came before is nobody's request. */
function fromJoining(events: readonly unknown[], user: string): unknown[] {
  const joining = events.findLastIndex((event) => isJoiningOf(event, user))
  return events.filter((event, index) => index >= joining || isState(event))
}

function isState(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'state_key' in event
}
