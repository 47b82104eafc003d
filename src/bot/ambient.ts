import type { Store } from '../store/store.ts'
import type { Place } from './message.ts'

/** The rooms in which every message is for the bot, whether it is named or not. */
export class AmbientRooms {
  readonly #store: Store
  readonly #rooms: Set<string>

  constructor(store: Store) {
    this.#store = store
    const rows = store.db
      .prepare<[], { transport: string; room: string }>('SELECT * FROM ambient_rooms')
      .all()
    this.#rooms = new Set(rows.map(keyOf))
  }

  has(place: Place): boolean {
    return this.#rooms.has(keyOf(place))
  }

  /** Part of a transaction. */
  set(place: Place, on: boolean): void {
    const { db } = this.#store
    const { transport, room } = place
    if (on) db.prepare('INSERT OR IGNORE INTO ambient_rooms VALUES (?, ?)').run(transport, room)
    else
      db.prepare('DELETE FROM ambient_rooms WHERE transport = ? AND room = ?').run(transport, room)
    this.#store.afterCommit(() => {
      if (on) this.#rooms.add(keyOf(place))
      else this.#rooms.delete(keyOf(place))
    })
  }
}

function keyOf({ transport, room }: Pick<Place, 'transport' | 'room'>): string {
  return `${transport}:${room}`
}
