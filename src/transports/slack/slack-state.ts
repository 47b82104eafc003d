import type { Store } from '../../store/store.ts'

/** A send that was begun earlier. */
export interface BegunSend {
  /** In ms since the epoch. */
  readonly begunAt: number
  /** Slack's id of the file that it carries, once it has one. */
  readonly file: string | undefined
  /** The id of its message, once Slack has given it. */
  readonly messageId: string | undefined
}

interface SendRow {
  readonly begun_at: number
  readonly file: string | null
  readonly message: string | null
}

/** Nobody repeats a message that was sent so long ago. */
const keptMs = 7 * 86_400_000

/**
 * What the connection to Slack has to remember, in SQLite. What is written is stored when the promise is
 * fulfilled; it is rejected with a `Problem` where the disk does not take it.
 */
export class SlackState {
  readonly #store: Store
  readonly #read
  readonly #write
  readonly #begin
  readonly #begun
  readonly #carry
  readonly #sent
  readonly #forget

  constructor(store: Store) {
    const { db } = store
    this.#store = store
    this.#read = db
      .prepare<[string], string>('SELECT value FROM slack_values WHERE key = ?')
      .pluck()
    this.#write = db.prepare<[string, string]>(
      'INSERT OR REPLACE INTO slack_values (key, value) VALUES (?, ?)',
    )
    this.#begin = db.prepare<[string, number]>(
      'INSERT OR IGNORE INTO slack_sends (id, begun_at) VALUES (?, ?)',
    )
    this.#begun = db.prepare<[string], SendRow>(
      'SELECT begun_at, file, message FROM slack_sends WHERE id = ?',
    )
    this.#carry = db.prepare<[string, string]>('UPDATE slack_sends SET file = ? WHERE id = ?')
    this.#sent = db.prepare<[string, string]>('UPDATE slack_sends SET message = ? WHERE id = ?')
    this.#forget = db.prepare<[string, number]>(
      'DELETE FROM slack_sends WHERE id = ? OR (message IS NOT NULL AND begun_at < ?)',
    )
  }

  /** Until when everything that was said is stored, in ms since the epoch. */
  get heardUntil(): number | undefined {
    const value = this.#read.get('heard')
    return value === undefined ? undefined : Number(value)
  }

  /** Everything until then is stored; it never goes back. Resolves when that is noted. */
  heard(until: number): Promise<void> {
    return this.#store.commitUnguarded(() => {
      if (until > (this.heardUntil ?? 0)) this.#write.run('heard', String(until))
    })
  }

  /** The channel has another id from now on: its room keeps the one that it had first. */
  moved(from: string, to: string): void {
    const room = this.roomOf(from)
    this.#store.transaction(() => {
      this.#write.run(`channel/${room}`, to)
      this.#write.run(`room/${to}`, room)
    })
  }

  /** What the room is called on Slack by now. */
  channelOf(room: string): string {
    return this.#read.get(`channel/${room}`) ?? room
  }

  /** The room whose channel that is. */
  roomOf(channel: string): string {
    return this.#read.get(`room/${channel}`) ?? channel
  }

  /** Notes that a send begins; resolves with how it began earlier, if it did. */
  async begin(id: string, now: number): Promise<BegunSend | undefined> {
    const row = this.#begun.get(id)
    if (row)
      return {
        begunAt: row.begun_at,
        file: row.file ?? undefined,
        messageId: row.message ?? undefined,
      }
    await this.#store.commitUnguarded(() => {
      this.#forget.run('', now - keptMs)
      this.#begin.run(id, now)
    })
    return undefined
  }

  /** The send carries this file. */
  async carry(id: string, file: string): Promise<void> {
    await this.#store.commitUnguarded(() => this.#carry.run(file, id))
  }

  /** The send has become that message. */
  async sent(id: string, messageId: string): Promise<void> {
    await this.#store.commitUnguarded(() => this.#sent.run(messageId, id))
  }

  /** The send was refused, so that the next attempt is a first one. */
  async refused(id: string): Promise<void> {
    await this.#store.commitUnguarded(() => this.#forget.run(id, 0))
  }
}
