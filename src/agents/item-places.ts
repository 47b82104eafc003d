import type { Statement } from 'better-sqlite3'
import { allows } from '../bot/access.ts'
import type { CommandContext, Role } from '../bot/command.ts'
import { type Place, sessionOf } from '../bot/message.ts'
import type { Transition } from '../pipeline/pipeline.ts'
import type { Store } from '../store/store.ts'

export interface ItemPlacesParts {
  readonly store: Store
  /** The rooms that the project names. */
  readonly rooms: readonly Place[]
  /** Whether a network of this name is served now. */
  readonly isServed: (transport: string) => boolean
}

interface Row {
  readonly transport: string
  readonly room: string
  readonly thread: string | null
  readonly role: Role
}

/**
 * Where each item was made, or changed last, by somebody who said so in a chat: whoever works on it asks
 * there.
 */
export class ItemPlaces {
  readonly #parts: ItemPlacesParts
  readonly #set: Statement<[Row & { item: number }]>
  readonly #get: Statement<[number], Row>
  #speaking: Pick<CommandContext, 'place' | 'role'> | undefined

  constructor(parts: ItemPlacesParts) {
    const { db } = parts.store
    this.#parts = parts
    this.#set = db.prepare(
      `INSERT OR REPLACE INTO item_places (item, transport, room, thread, role)
       VALUES (@item, @transport, @room, @thread, @role)`,
    )
    this.#get = db.prepare('SELECT * FROM item_places WHERE item = ?')
  }

  /** Does what somebody has said: the items that it changes were spoken of there. Synchronous. */
  during<T>(context: Pick<CommandContext, 'place' | 'role'>, change: () => T): T {
    this.#speaking = context
    try {
      return change()
    } finally {
      this.#speaking = undefined
    }
  }

  /** Part of the transaction that changes the item. */
  follow({ item }: Transition): void {
    if (!this.#speaking) return
    const { place, role } = this.#speaking
    const { transport, room, thread = null } = place
    this.#set.run({ item: item.id, transport, room, thread, role })
  }

  /**
   * Where somebody of this role is asked about the item: where it was spoken of, if that is still served
   * and whoever spoke may answer, or if the project names the room; else in all rooms that it names.
   */
  of(item: number, role: Role): readonly Place[] {
    const { rooms, isServed } = this.#parts
    const row = this.#get.get(item)
    if (!row || !isServed(row.transport)) return rooms
    const { transport, room, thread } = row
    const place = { transport, room, ...(thread !== null && { thread }) }
    const isNamed = rooms.some((named) => sessionOf(named) === sessionOf(place))
    return isNamed || rooms.length === 0 || allows(row.role, role) ? [place] : rooms
  }
}
