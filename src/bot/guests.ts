import type { Clock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import type { Store } from '../store/store.ts'
import type { Role } from './command.ts'
import type { IncomingMessage, Person, Place } from './message.ts'
import type { Outbox } from './outbox.ts'

/** What guests are let in with. */
export interface GuestParts {
  readonly store: Store
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly outbox: Pick<Outbox, 'enqueue'>
}

/** A code counts for so long, and nobody gets another one sooner. */
const codeMs = 3_600_000
/** So many strangers may wait at a time: more than that is an attack. */
const mostWaiting = 100
/** Without what looks alike when it is read from a screen. */
const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** The people that admins have let in, and the strangers who wait for it. */
export class Guests {
  readonly #parts: GuestParts
  readonly #roles: Map<string, Role>

  constructor(parts: GuestParts) {
    this.#parts = parts
    const rows = parts.store.db
      .prepare<[], { person_id: string; role: Role }>('SELECT person_id, role FROM admitted')
      .all()
    this.#roles = new Map(rows.map((row) => [row.person_id, row.role]))
  }

  /** The role of somebody who was let in. */
  roleOf(personId: string): Role | undefined {
    return this.#roles.get(personId)
  }

  /**
   * A stranger has written directly: they are told a code, once an hour, and nothing else. Resolves
   * when that is stored.
   */
  knock({ sender, transport, room }: Pick<IncomingMessage, 'sender' | keyof Place>): Promise<void> {
    return this.#parts.store.commit(() => {
      const { store, clock, outbox } = this.#parts
      const now = clock.now()
      store.db.prepare('DELETE FROM pairings WHERE told_at <= ?').run(now - codeMs)
      const waiting = store.db.prepare('SELECT count(*) FROM pairings').pluck().get()
      if (Number(waiting) >= mostWaiting) return
      const code = this.#draw()
      const { changes } = store.db
        .prepare(
          `INSERT INTO pairings (person_id, name, transport, room, code, told_at)
           VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        )
        .run(sender.id, sender.name, transport, room, code, now)
      if (changes === 0) return
      outbox.enqueue({
        transport,
        room,
        text: `I serve only people whom an admin has let in. Your code is \`${code}\`: within an hour, an admin can let you in with \`admit ${code}\`.`,
      })
    })
  }

  /**
   * Lets the stranger in who was told `code`, and tells them so. Part of a transaction. Throws
   * `Problem` `no-such-code`.
   */
  admit(code: string, role: Role, by: Person): Person {
    const { store, clock, outbox } = this.#parts
    const now = clock.now()
    const row = store.db
      .prepare<[string, number], Pairing>(
        'DELETE FROM pairings WHERE code = ? AND told_at > ? RETURNING *',
      )
      .get(code.toUpperCase(), now - codeMs)
    if (!row)
      throw new Problem(
        'no-such-code',
        `Nobody waits with the code ${code}: it counts for an hour, and whoever writes to me after that gets a new one.`,
      )
    const { person_id: id, name, transport, room } = row
    store.db
      .prepare(
        `INSERT OR REPLACE INTO admitted (person_id, name, role, admitted_by, admitted_at)
         VALUES (?, ?, ?, ?, ?)`,
      )
      .run(id, name, role, by.id, now)
    const text = `You are let in, with the role ${role}: \`help\` shows what you can do.`
    outbox.enqueue({ transport, room, text })
    store.afterCommit(() => this.#roles.set(id, role))
    return { id, name }
  }

  #draw(): string {
    const { random } = this.#parts
    const draw = () => letters[Math.floor(random() * letters.length)]
    const half = () => Array.from({ length: 4 }, draw).join('')
    return `${half()}-${half()}`
  }
}

interface Pairing {
  readonly person_id: string
  readonly name: string
  readonly transport: string
  readonly room: string
}
