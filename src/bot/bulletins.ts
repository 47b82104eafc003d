import type { Clock } from '../kernel/clock.ts'
import { Notices } from '../kernel/notices.ts'
import type { Store } from '../store/store.ts'
import type { Choice, Place } from './message.ts'
import type { Draft, Outbox } from './outbox.ts'

/** What a room is told without having asked. */
export interface Bulletin {
  readonly place: Place
  readonly text: string
  /** Keeps the same thing from being told twice. */
  readonly key?: string
  /** What may be picked; the text names it as well. */
  readonly choices?: readonly Choice[]
}

export interface BulletinsParts {
  readonly store: Store
  readonly clock: Clock
  readonly outbox: Pick<Outbox, 'enqueue'>
  /** So long after a room was told something, what follows is kept back to be told together. */
  readonly windowMs: number
}

interface Row {
  readonly id: number
  readonly transport: string
  readonly room: string
  readonly thread: string | null
  readonly text: string
  readonly choices: string | null
}

/** A message stays readable up to about so many characters. */
const longest = 3_000

/**
 * Bulletins on their way to the outbox. The first one goes at once; those that follow within the window
 * wait in the database and then go as one message, in order. A crash loses none of them. The terminal
 * shows each at once, since whoever sits there watches.
 */
export class Bulletins {
  /** Told of a room that has something waiting. */
  readonly waits = new Notices<string>()
  readonly #parts: BulletinsParts
  readonly #insert
  readonly #told
  readonly #waiting
  readonly #rooms
  readonly #lastTold

  constructor(parts: BulletinsParts) {
    const { db } = parts.store
    this.#parts = parts
    this.#insert = db.prepare<
      [string, string, string | null, string | null, string, string | null]
    >(
      'INSERT OR IGNORE INTO notices (transport, room, thread, key, text, choices) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#told = db.prepare<[number, number]>(
      "UPDATE notices SET told_at = ?, text = '' WHERE id = ?",
    )
    this.#waiting = db.prepare<[string, string], Row>(
      `SELECT id, transport, room, thread, text, choices FROM notices
       WHERE told_at IS NULL AND transport = ? AND room = ? ORDER BY id`,
    )
    this.#rooms = db.prepare<[], Pick<Row, 'transport' | 'room'>>(
      'SELECT DISTINCT transport, room FROM notices WHERE told_at IS NULL',
    )
    this.#lastTold = db
      .prepare<[string, string], number | null>(
        'SELECT max(told_at) FROM notices WHERE transport = ? AND room = ? AND told_at IS NOT NULL',
      )
      .pluck()
  }

  /** Stores a bulletin, once for its key where it has one. Part of the caller's transaction. */
  post({ place, text, key, choices }: Bulletin): void {
    const { transport, room, thread = null } = place
    const { changes } = this.#insert.run(
      transport,
      room,
      thread,
      key ?? null,
      text,
      choices ? JSON.stringify(choices) : null,
    )
    if (changes === 0) return
    const name = nameOf(place)
    // Nobody is kept waiting for what may not follow.
    if (this.#dueInMs(place) === 0 && this.#waiting.all(transport, room).length === 1)
      this.tellDue(name)
    else this.#parts.store.afterCommit(() => this.waits.tell(name))
  }

  /** The rooms for which something waits. */
  waiting(): string[] {
    return this.#rooms.all().map(nameOf)
  }

  /** Sends a room what waits for it, if it is time; returns in how many ms it will be, or 0. */
  tellDue(name: string): number {
    const { store, clock } = this.#parts
    const place = placeOf(name)
    const afterMs = this.#dueInMs(place)
    if (afterMs > 0) return afterMs
    store.transaction(() => {
      const rows = this.#waiting.all(place.transport, place.room)
      for (const message of joined(rows)) this.#parts.outbox.enqueue(message)
      for (const { id } of rows) this.#told.run(clock.now(), id)
    })
    return 0
  }

  #dueInMs({ transport, room }: Place): number {
    const { clock, windowMs } = this.#parts
    if (transport === 'terminal') return 0
    const last = this.#lastTold.get(transport, room) ?? Number.NEGATIVE_INFINITY
    const sinceMs = clock.now() - last
    // A clock that was set back must not make anybody wait.
    return sinceMs < 0 ? 0 : Math.max(0, windowMs - sinceMs)
  }
}

/** As few messages as say all of it; what belongs to different threads is never joined. */
function joined(rows: readonly Row[]): Draft[] {
  const messages: Draft[] = []
  for (const row of rows) {
    const last = messages.at(-1)
    const next = draftOf(row)
    const fits = last && last.thread === next.thread
    if (fits && last.text.length + next.text.length < longest)
      messages.splice(-1, 1, together(last, next))
    else messages.push(next)
  }
  return messages
}

function draftOf({ transport, room, thread, text, choices }: Row): Draft {
  return {
    transport,
    room,
    text,
    ...(thread !== null && { thread }),
    ...(choices !== null && { choices: JSON.parse(choices), choicesSpelled: true }),
  }
}

function together(one: Draft, next: Draft): Draft {
  const choices = [...(one.choices ?? []), ...(next.choices ?? [])]
  return {
    ...one,
    text: `${one.text}\n\n${next.text}`,
    ...(choices.length > 0 && { choices, choicesSpelled: true }),
  }
}

function nameOf({ transport, room }: Pick<Place, 'transport' | 'room'>): string {
  return `${transport}/${room}`
}

/** The name of a network has no slash. */
function placeOf(name: string): Place {
  const slash = name.indexOf('/')
  return { transport: name.slice(0, slash), room: name.slice(slash + 1) }
}
