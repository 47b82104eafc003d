import type { Store } from '../../store/store.ts'

/** A send that was begun, and of which no answer is known. */
export interface BegunSend {
  /** In ms since the epoch. */
  readonly begunAt: number
  /** Slack's id of the file that it carries, once it has one. */
  readonly file: string | undefined
}

/** What the connection to Slack has to remember, in SQLite. */
export class SlackState {
  readonly #read
  readonly #write
  readonly #begin
  readonly #begun
  readonly #carry
  readonly #end

  constructor({ db }: Store) {
    this.#read = db
      .prepare<[], string>(`SELECT value FROM slack_values WHERE key = 'heard'`)
      .pluck()
    this.#write = db.prepare<[string]>(
      `INSERT OR REPLACE INTO slack_values (key, value) VALUES ('heard', ?)`,
    )
    this.#begin = db.prepare<[string, number]>(
      'INSERT OR IGNORE INTO slack_sends (id, begun_at) VALUES (?, ?)',
    )
    this.#begun = db.prepare<[string], { begun_at: number; file: string | null }>(
      'SELECT begun_at, file FROM slack_sends WHERE id = ?',
    )
    this.#carry = db.prepare<[string, string]>('UPDATE slack_sends SET file = ? WHERE id = ?')
    this.#end = db.prepare<[string]>('DELETE FROM slack_sends WHERE id = ?')
  }

  /** Until when everything that was said is stored, in ms since the epoch. */
  get heardUntil(): number | undefined {
    const value = this.#read.get()
    return value === undefined ? undefined : Number(value)
  }

  /** Everything until then is stored; it never goes back. */
  heard(until: number): void {
    if (until > (this.heardUntil ?? 0)) this.#write.run(String(until))
  }

  /** Notes that a send begins, and returns how it began earlier, if it did. */
  begin(id: string, now: number): BegunSend | undefined {
    const row = this.#begun.get(id)
    if (row) return { begunAt: row.begun_at, file: row.file ?? undefined }
    this.#begin.run(id, now)
    return undefined
  }

  /** The send carries this file. */
  carry(id: string, file: string): void {
    this.#carry.run(file, id)
  }

  /** The send's answer is known. */
  end(id: string): void {
    this.#end.run(id)
  }
}
