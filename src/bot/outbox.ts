import type { Statement } from 'better-sqlite3'
import type { Clock } from '../kernel/clock.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Notices } from '../kernel/notices.ts'
import type { Store } from '../store/store.ts'
import type { OutgoingMessage } from './message.ts'

/** A message to be sent. Its key, where it has one, makes it the only one of that key. */
export interface Draft extends Omit<OutgoingMessage, 'id'> {
  readonly key?: string
}

/** A stored message that is not sent yet. */
export interface Queued {
  readonly id: number
  readonly transport: string
  readonly room: string
  /** The earlier message that it changes. */
  readonly changes?: number
}

/** A message as the delivery sends it, or the next part of it. */
export interface Parcel {
  readonly message: OutgoingMessage
  /** How many parts of it are sent. */
  readonly partsSent: number
  /** What the network calls the message that it changes; where that never arrived, it is a new one. */
  readonly edits?: string
  /** True when it does no harm a second time, on any network. */
  readonly repeatable: boolean
}

/** What an earlier program left behind. */
export interface Unfinished extends Queued, Parcel {
  /** True when that program ended between the call and its receipt. */
  readonly sending: boolean
}

/**
 * Keeps every message until it is sent. All of it is synchronous and part of the caller's
 * transaction.
 */
export interface Outbox {
  /** Stores a message and returns its number; that of the first one where its key was used before. */
  enqueue(draft: Draft): number
  /** Replaces the text of an earlier message; changes that are not sent yet become one. */
  edit(id: number, text: string): void
  /** Whether all of a message has arrived. */
  isSent(id: number): boolean
  /** Told of each message once it is stored. */
  readonly queued: Notices<Queued>

  /** In the order of their numbers. */
  unfinished(): readonly Unfinished[]
  /** Marks a message as being sent, and returns it as it is now. */
  take(id: number): Parcel
  /** The network has taken a part of it; with `more`, there is another to be sent. */
  sent(id: number, messageId: string, more?: boolean): void
  /** It was not sent, and will be tried again. */
  putBack(id: number): void
  /** It was not sent and never will be. */
  failed(id: number): void
  /** Nobody knows whether the part `text` of it was sent: the room is told so, once. */
  doubted(id: number, text: string, more: boolean): void
  /** The key and the choices of a message that was sent or is being sent, by its outgoing id. */
  find(outgoingId: string): Pick<Draft, 'key' | 'choices'> | undefined
}

interface Row {
  id: number
  transport: string
  room: string
  thread: string | null
  text: string
  choices: string | null
  reply_to: string | null
  key: string | null
  only_for: string | null
  choices_spelled: number
  edits: number | null
  parts_sent: number
  created_at: number
  state: string
  message_id: string | null
}

/** Says that a reply may be lost; rather twice than not at all. */
const doubt = 'doubted:'

/** The outbox in the project's database. */
export class StoredOutbox implements Outbox {
  readonly queued = new Notices<Queued>()
  readonly #store: Store
  readonly #clock: Clock
  readonly #insert: Statement
  readonly #take: Statement<[number], Row>
  readonly #setState: Statement
  readonly #setPart: Statement
  readonly #row: Statement<[number], Row>
  readonly #editWaiting: Statement

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
    this.#insert = store.db.prepare(
      `INSERT INTO outbox (transport, room, thread, text, choices, reply_to, key, edits, only_for, choices_spelled, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING`,
    )
    this.#take = store.db.prepare(`UPDATE outbox SET state = 'sending' WHERE id = ? RETURNING *`)
    this.#setState = store.db.prepare('UPDATE outbox SET state = ? WHERE id = ?')
    this.#setPart = store.db.prepare(
      `UPDATE outbox SET state = ?, parts_sent = parts_sent + 1, message_id = coalesce(message_id, ?)
       WHERE id = ?`,
    )
    this.#row = store.db.prepare('SELECT * FROM outbox WHERE id = ?')
    this.#editWaiting = store.db.prepare(
      `UPDATE outbox SET text = ?
       WHERE state = 'waiting' AND parts_sent = 0 AND (id = ? OR edits = ?)`,
    )
  }

  enqueue(draft: Draft): number {
    return this.#add(draft, null)
  }

  edit(id: number, text: string): void {
    if (this.#editWaiting.run(text, id, id).changes > 0) return
    this.#add({ ...placeOf(this.#need(id)), text }, id)
  }

  isSent(id: number): boolean {
    return this.#need(id).state === 'sent'
  }

  unfinished(): readonly Unfinished[] {
    return this.#store.db
      .prepare<[], Row>(`SELECT * FROM outbox WHERE state IN ('waiting', 'sending') ORDER BY id`)
      .all()
      .map((row) => ({
        id: row.id,
        transport: row.transport,
        room: row.room,
        sending: row.state === 'sending',
        ...this.#parcelOf(row),
      }))
  }

  take(id: number): Parcel {
    const row = this.#take.get(id)
    if (!row) throw new Error(`The outbox has no message ${id}.`)
    return this.#parcelOf(row)
  }

  sent(id: number, messageId: string, more = false): void {
    this.#setPart.run(more ? 'waiting' : 'sent', messageId, id)
  }

  putBack(id: number): void {
    this.#setState.run('waiting', id)
  }

  failed(id: number): void {
    this.#setState.run('failed', id)
  }

  doubted(id: number, text: string, more: boolean): void {
    const row = this.#need(id)
    this.#setPart.run(more ? 'waiting' : 'unknown', null, id)
    this.enqueue({
      ...placeOf(row),
      text: `A reply may or may not have arrived. It begins: "${escapeMarkdown(text.slice(0, 80))}"`,
      key: `${doubt}${id}${row.parts_sent === 0 ? '' : `.${row.parts_sent}`}`,
    })
  }

  find(outgoingId: string): Pick<Draft, 'key' | 'choices'> | undefined {
    const row = this.#row.get(Number(outgoingId.split('-')[1]))
    if (!row || outgoingIdOf(row) !== outgoingId) return undefined
    const { choices } = outgoing(row)
    return { ...(row.key === null ? {} : { key: row.key }), ...(choices ? { choices } : {}) }
  }

  #add(draft: Draft, edits: number | null): number {
    const { changes, lastInsertRowid } = this.#insert.run(
      draft.transport,
      draft.room,
      draft.thread ?? null,
      draft.text,
      draft.choices ? JSON.stringify(draft.choices.map(({ label }) => label)) : null,
      draft.replyTo ?? null,
      draft.key ?? null,
      edits,
      draft.onlyFor ?? null,
      draft.choicesSpelled ? 1 : 0,
      this.#clock.now(),
    )
    if (changes === 0) return this.#idOf(draft.key ?? '')
    const id = Number(lastInsertRowid)
    this.#store.afterCommit(() =>
      this.queued.tell({
        id,
        transport: draft.transport,
        room: draft.room,
        ...(edits !== null && { changes: edits }),
      }),
    )
    return id
  }

  #idOf(key: string): number {
    const row = this.#store.db
      .prepare<[string], { id: number }>('SELECT id FROM outbox WHERE key = ?')
      .get(key)
    if (!row) throw new Error(`The outbox has no message with the key ${key}.`)
    return row.id
  }

  #parcelOf(row: Row): Parcel {
    // What does not fit into the message that is changed follows it as a new one.
    const changed = row.parts_sent === 0 ? row.edits : null
    const edits = changed === null ? null : this.#need(changed).message_id
    return {
      message: outgoing(row),
      partsSent: row.parts_sent,
      repeatable: isDoubt(row),
      ...(edits === null ? {} : { edits }),
    }
  }

  #need(id: number): Row {
    const row = this.#row.get(id)
    if (!row) throw new Error(`The outbox has no message ${id}.`)
    return row
  }
}

function isDoubt(row: Row): boolean {
  return row.key?.startsWith(doubt) ?? false
}

/** With its date, so that it differs from the ids of a database that was thrown away. */
function outgoingIdOf(row: Row): string {
  return `${row.created_at.toString(36)}-${row.id}`
}

function outgoing(row: Row): OutgoingMessage {
  const choices: string[] | undefined = row.choices === null ? undefined : JSON.parse(row.choices)
  return {
    id: outgoingIdOf(row),
    ...placeOf(row),
    text: row.text,
    ...(choices ? { choices: choices.map((label) => ({ label })) } : {}),
    ...(row.choices_spelled === 1 && { choicesSpelled: true }),
    ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
  }
}

/** Where it is said, and who alone is to see it. */
function placeOf({ transport, room, thread, only_for: onlyFor }: Row) {
  return {
    transport,
    room,
    ...(thread !== null && { thread }),
    ...(onlyFor !== null && { onlyFor }),
  }
}
