import type { Store } from '../../store/store.ts'

/** A message that could not be decrypted yet. */
export interface Unread {
  readonly eventId: string
  readonly room: string
  /** As the server sent it. */
  readonly event: unknown
  /** When it was first tried, in ms since the epoch. */
  readonly since: number
}

/** A send that was begun, and of which no answer is known. */
export interface BegunSend {
  readonly device: string
  readonly begunAt: number
}

/** What the connection to Matrix has to remember, in SQLite. */
export class MatrixState {
  readonly #read
  readonly #write
  readonly #defer
  readonly #unread
  readonly #settle
  readonly #begin
  readonly #begun
  readonly #end

  constructor({ db }: Store) {
    this.#read = db
      .prepare<[string], string>('SELECT value FROM matrix_values WHERE key = ?')
      .pluck()
    this.#write = db.prepare<[string, string]>(
      'INSERT OR REPLACE INTO matrix_values (key, value) VALUES (?, ?)',
    )
    this.#defer = db.prepare<[string, string, string, number]>(
      'INSERT OR IGNORE INTO matrix_unread (event_id, room, event, since) VALUES (?, ?, ?, ?)',
    )
    this.#unread = db.prepare<[], { event_id: string; room: string; event: string; since: number }>(
      'SELECT * FROM matrix_unread ORDER BY since, rowid',
    )
    this.#settle = db.prepare<[string]>('DELETE FROM matrix_unread WHERE event_id = ?')
    this.#begin = db.prepare<[string, string, number]>(
      'INSERT OR IGNORE INTO matrix_sends (id, device, begun_at) VALUES (?, ?, ?)',
    )
    this.#begun = db.prepare<[string], { device: string; begun_at: number }>(
      'SELECT device, begun_at FROM matrix_sends WHERE id = ?',
    )
    this.#end = db.prepare<[string]>('DELETE FROM matrix_sends WHERE id = ?')
  }

  /** A value that was written under this key. */
  read(key: string): string | undefined {
    return this.#read.get(key)
  }

  write(key: string, value: string): void {
    this.#write.run(key, value)
  }

  /**
   * Notes that the bot is about to follow an invitation: what is said there from then on is for it. A
   * `stranger` is owed an answer once it is there.
   */
  follow(room: string, stranger?: string): void {
    this.write(`followed ${room}`, stranger ?? 'yes')
  }

  hasFollowed(room: string): boolean {
    return this.read(`followed ${room}`) !== undefined
  }

  /** The stranger whom the bot has followed there and not answered yet. */
  strangerIn(room: string): string | undefined {
    const followed = this.read(`followed ${room}`)
    return followed?.startsWith('@') ? followed : undefined
  }

  /** Keeps a message until its key comes. */
  defer({ eventId, room, event, since }: Unread): void {
    this.#defer.run(eventId, room, JSON.stringify(event), since)
  }

  /** Oldest first. */
  unread(): readonly Unread[] {
    return this.#unread.all().map(({ event_id, room, event, since }) => ({
      eventId: event_id,
      room,
      event: JSON.parse(event),
      since,
    }))
  }

  /** The message was read, or nobody waits for it any more. */
  settle(eventId: string): void {
    this.#settle.run(eventId)
  }

  /** Notes that a send begins, and returns how it began earlier, if it did. */
  begin(id: string, device: string, now: number): BegunSend | undefined {
    const row = this.#begun.get(id)
    if (row) return { device: row.device, begunAt: row.begun_at }
    this.#begin.run(id, device, now)
    return undefined
  }

  /** The send's answer is known. */
  end(id: string): void {
    this.#end.run(id)
  }
}
