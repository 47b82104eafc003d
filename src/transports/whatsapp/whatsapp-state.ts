import type { Store } from '../../store/store.ts'

/** The row for all rooms that have none. */
const anyRoom = ''

/** What the connection to WhatsApp has to remember, in SQLite. */
export class WhatsAppState {
  readonly #heard
  readonly #hear
  readonly #phone
  readonly #lid
  readonly #same

  constructor({ db }: Store) {
    this.#heard = db.prepare<[], { room: string; at: number }>('SELECT * FROM whatsapp_heard')
    this.#hear = db.prepare<[string, number]>(
      `INSERT INTO whatsapp_heard (room, at) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET at = max(at, excluded.at)`,
    )
    this.#phone = db
      .prepare<[string], string>('SELECT phone FROM whatsapp_people WHERE lid = ?')
      .pluck()
    this.#lid = db
      .prepare<[string], string>('SELECT lid FROM whatsapp_people WHERE phone = ?')
      .pluck()
    this.#same = db.prepare<[string, string]>(
      'INSERT OR REPLACE INTO whatsapp_people (lid, phone) VALUES (?, ?)',
    )
  }

  /**
   * Until when everything that was said is stored, in ms since the epoch: by room, and in every room
   * that is not named. Undefined before the first connection.
   */
  get heard():
    | { readonly rooms: Readonly<Record<string, number>>; readonly otherwise: number }
    | undefined {
    const rows = this.#heard.all()
    const otherwise = rows.find(({ room }) => room === anyRoom)?.at
    if (otherwise === undefined) return undefined
    const rooms = rows.map(({ room, at }) => [room, Math.max(at, otherwise)])
    return { rooms: Object.fromEntries(rooms), otherwise }
  }

  /** Everything that was said in the room until then is stored. */
  heardIn(room: string, at: number): void {
    this.#hear.run(room, at)
  }

  /** Everything that was said anywhere until then is stored. */
  heardAll(at: number): void {
    this.#hear.run(anyRoom, at)
  }

  /** The phone number behind the other id, and the other way round, once it is known. */
  phoneOf(lid: string): string | undefined {
    return this.#phone.get(lid)
  }

  lidOf(phone: string): string | undefined {
    return this.#lid.get(phone)
  }

  /** Both are one person. */
  isSame(lid: string, phone: string): void {
    this.#same.run(lid, phone)
  }
}
