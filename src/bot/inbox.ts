import type { Statement } from 'better-sqlite3'
import type { Store } from '../store/store.ts'
import { type IncomingMessage, sessionOf } from './message.ts'

/** A message that is stored. */
export interface Entry extends IncomingMessage {
  /** Counts up in the order of arrival; never given twice. */
  readonly id: number
  readonly session: string
  /** Present when a chat run that answered it was cut off. */
  readonly interrupted?: {
    /** The first message of the batch that it was answered in. */
    readonly batch: number
    /** True when a part of the answer was stored. */
    readonly said: boolean
  }
}

/** A command's own question, as it is kept with the message that caused it. */
export interface StoredQuestion {
  readonly entry: Entry
  /** What yes is called. */
  readonly yes: string
  /** Until when an answer counts, in ms since the epoch. */
  readonly until: number
}

/**
 * Keeps every message until it is done. All but `accept` are synchronous and part of the caller's
 * transaction.
 */
export interface Inbox {
  /** Resolves when the message is durable; with undefined when its event was stored before. */
  accept(message: IncomingMessage): Promise<Entry | undefined>
  /** Stores a message of the program's own, as `accept` does; undefined where it was stored before. */
  add(message: IncomingMessage): Entry | undefined
  /** Whatever an earlier program left unfinished, in the order of arrival. */
  unfinished(): readonly Entry[]
  /** Changes the text of a message that waits. */
  edit(id: number, text: string): void
  /** Marks the messages of a batch, the first of which names it, as being answered. */
  begin(batch: readonly number[]): void
  /** Marks that a part of the batch's answer is stored. */
  said(batch: readonly number[]): void
  done(id: number): void
  /** Keeps a question that the message caused, until `answered`. */
  ask(id: number, yes: string, until: number): void
  answered(id: number): void
  questions(): readonly StoredQuestion[]
}

interface Row {
  id: number
  transport: string
  event_id: string
  room: string
  thread: string | null
  sender_id: string
  sender_name: string
  text: string
  direct: number
  addressed: number
  sent_at: number
  answers: string | null
  files: string | null
  aside: number
  state: 'waiting' | 'running' | 'said' | 'done'
  batch: number | null
  asks: string
  asks_until: number
}

/** The inbox in the project's database. */
export class StoredInbox implements Inbox {
  readonly #store: Store
  readonly #insert: Statement
  readonly #setText: Statement
  readonly #setRunning: Statement
  readonly #setState: Statement
  readonly #setQuestion: Statement

  constructor(store: Store) {
    this.#store = store
    this.#insert = store.db.prepare(
      `INSERT INTO inbox (transport, event_id, room, thread, sender_id, sender_name, text, direct, addressed, sent_at, answers, files, aside)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (transport, event_id) DO NOTHING`,
    )
    this.#setText = store.db.prepare('UPDATE inbox SET text = ? WHERE id = ?')
    this.#setRunning = store.db.prepare(
      `UPDATE inbox SET state = 'running', batch = ? WHERE id = ?`,
    )
    this.#setState = store.db.prepare('UPDATE inbox SET state = ? WHERE id = ?')
    this.#setQuestion = store.db.prepare('UPDATE inbox SET asks = ?, asks_until = ? WHERE id = ?')
  }

  accept(message: IncomingMessage): Promise<Entry | undefined> {
    return this.#store.commitUnguarded(() => this.add(message))
  }

  add(message: IncomingMessage): Entry | undefined {
    const { changes, lastInsertRowid } = this.#insert.run(
      message.transport,
      message.eventId,
      message.room,
      message.thread ?? null,
      message.sender.id,
      message.sender.name,
      message.text,
      message.direct ? 1 : 0,
      message.addressed ? 1 : 0,
      message.at,
      message.answers ?? null,
      message.files ? JSON.stringify(message.files) : null,
      message.aside ? 1 : 0,
    )
    if (changes === 0) return undefined
    return { ...message, id: Number(lastInsertRowid), session: sessionOf(message) }
  }

  unfinished(): readonly Entry[] {
    return this.#store.db
      .prepare<[], Row>(`SELECT * FROM inbox WHERE state <> 'done' ORDER BY id`)
      .all()
      .map(entryOf)
  }

  edit(id: number, text: string): void {
    this.#setText.run(text, id)
  }

  begin(batch: readonly number[]): void {
    for (const id of batch) this.#setRunning.run(batch[0], id)
  }

  said(batch: readonly number[]): void {
    for (const id of batch) this.#setState.run('said', id)
  }

  done(id: number): void {
    this.#setState.run('done', id)
  }

  ask(id: number, yes: string, until: number): void {
    this.#setQuestion.run(yes, until, id)
  }

  answered(id: number): void {
    this.#setQuestion.run(null, null, id)
  }

  questions(): readonly StoredQuestion[] {
    return this.#store.db
      .prepare<[], Row>('SELECT * FROM inbox WHERE asks IS NOT NULL ORDER BY id')
      .all()
      .map((row) => ({ entry: entryOf(row), yes: row.asks, until: row.asks_until }))
  }
}

function entryOf(row: Row): Entry {
  const message: IncomingMessage = {
    transport: row.transport,
    room: row.room,
    ...(row.thread === null ? {} : { thread: row.thread }),
    eventId: row.event_id,
    sender: { id: row.sender_id, name: row.sender_name },
    text: row.text,
    direct: row.direct === 1,
    addressed: row.addressed === 1,
    at: row.sent_at,
    ...(row.answers === null ? {} : { answers: row.answers }),
    ...(row.files === null ? {} : { files: JSON.parse(row.files) }),
    ...(row.aside === 1 && { aside: true }),
  }
  return {
    ...message,
    id: row.id,
    session: sessionOf(message),
    ...(row.batch === null
      ? {}
      : { interrupted: { batch: row.batch, said: row.state === 'said' } }),
  }
}
