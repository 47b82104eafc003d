import { unlessRefused } from './failures.ts'
import type { HuskiesMatrixClient } from './matrix-client.ts'

/** What has to be known of the rooms that the bot is in; asked for when it is needed, then kept. */
export class Rooms {
  readonly #client: HuskiesMatrixClient
  readonly #joined: Set<string>
  readonly #members = new Map<string, readonly string[]>()
  readonly #names = new Map<string, string>()

  constructor(client: HuskiesMatrixClient, joined: readonly string[]) {
    this.#client = client
    this.#joined = new Set(joined)
  }

  /** Whether the bot was in the room before what is being read now. */
  isKnown(room: string): boolean {
    return this.#joined.has(room)
  }

  joined(room: string): void {
    this.#joined.add(room)
  }

  /** Somebody has come or gone, or calls themselves otherwise. */
  changed(room: string, user: string): void {
    this.#members.delete(room)
    this.#names.delete(`${room} ${user}`)
  }

  /** Whether only one person and the bot are in the room. */
  async isDirect(room: string): Promise<boolean> {
    const known = this.#members.get(room) ?? (await this.#membersOf(room))
    this.#members.set(room, known)
    return known.length === 1 || known.length === 2
  }

  /** Nobody where the bot was sent away meanwhile. */
  async #membersOf(room: string): Promise<readonly string[]> {
    return (await unlessRefused(this.#client.getJoinedRoomMembers(room))) ?? []
  }

  /** How the user is called there; the first half of their id where they have no name. */
  async nameOf(room: string, user: string): Promise<string> {
    const key = `${room} ${user}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const member = await this.#client
      .getRoomStateEvent(room, 'm.room.member', user)
      .catch(() => undefined)
    const name = member?.displayname || user.replace(/^@([^:]*):.*$/, '$1')
    this.#names.set(key, name)
    return name
  }
}
