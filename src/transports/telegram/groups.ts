import type { Store } from '../../store/store.ts'

/**
 * The ids of groups. Telegram gives a group another one when it becomes a supergroup; here it keeps the
 * one that it had, so that everything that is known of the room stays true.
 */
export class Groups {
  readonly #store: Store
  readonly #now: Map<number, number>
  readonly #first: Map<number, number>

  constructor(store: Store) {
    this.#store = store
    const rows = store.db
      .prepare<[], { id: number; now: number }>('SELECT id, now FROM telegram_groups')
      .all()
    this.#now = new Map(rows.map(({ id, now }) => [id, now]))
    this.#first = new Map(rows.map(({ id, now }) => [now, id]))
  }

  /** What the room is called on Telegram by now. */
  chatOf(room: string): number {
    const chat = Number(room)
    return this.#now.get(chat) ?? chat
  }

  /** The room whose chat that is. */
  roomOf(chat: string): string {
    return String(this.#first.get(Number(chat)) ?? chat)
  }

  /** The room has another chat from now on. It is stored when this returns. */
  moved(room: string, chat: number): void {
    const id = Number(room)
    this.#store.transaction(() =>
      this.#store.db
        .prepare('INSERT OR REPLACE INTO telegram_groups (id, now) VALUES (?, ?)')
        .run(id, chat),
    )
    this.#now.set(id, chat)
    this.#first.set(chat, id)
  }
}
