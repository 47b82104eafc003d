import type { Statement } from 'better-sqlite3'
import { Notices } from '../../kernel/notices.ts'
import type { Store } from '../../store/store.ts'
import { unpaused } from '../paused.ts'
import type { Transition } from '../pipeline.ts'
import type { Asker } from './errand.ts'

/** A start of an item that is to come. */
export interface Timer {
  readonly item: number
  /** When it is due, in ms since the epoch. */
  readonly at: number
  readonly asker: Asker
}

interface Row {
  readonly item: number
  readonly at: number
  readonly asker: string
}

/** The timers, durably: at most one for each item. Each method is part of the caller's transaction. */
export class Timers {
  /** Told of the item after each stored change. A hint. */
  readonly changed = new Notices<number>()
  readonly #store: Store
  readonly #put: Statement<[number, number, string]>
  readonly #remove: Statement<[number]>
  readonly #one: Statement<[number], Row>
  readonly #all: Statement<[], Row>

  constructor(store: Store) {
    this.#store = store
    this.#put = store.db.prepare('INSERT OR REPLACE INTO timers (item, at, asker) VALUES (?, ?, ?)')
    this.#remove = store.db.prepare('DELETE FROM timers WHERE item = ?')
    this.#one = store.db.prepare('SELECT * FROM timers WHERE item = ?')
    this.#all = store.db.prepare('SELECT * FROM timers ORDER BY at, item')
  }

  /** Sets the item's timer, in the place of an earlier one. */
  set({ item, at, asker }: Timer): void {
    this.#put.run(item, at, JSON.stringify(asker))
    this.#store.afterCommit(() => this.changed.tell(item))
  }

  of(item: number): Timer | undefined {
    const row = this.#one.get(item)
    return row && asTimer(row)
  }

  /** The next one first. */
  all(): Timer[] {
    return this.#all.all().map(asTimer)
  }

  /** False where the item had none. */
  remove(item: number): boolean {
    return this.#remove.run(item).changes > 0
  }

  /** A witness: a timer is over with the waiting of its item, however that ended. */
  follow({ item, entry }: Transition): void {
    if (entry.event === 'delete' || !waits(item)) this.remove(item.id)
  }
}

function waits({ stage }: Transition['item']): boolean {
  const { kind } = unpaused(stage)
  return kind === 'upcoming' || kind === 'backlog'
}

function asTimer({ item, at, asker }: Row): Timer {
  return { item, at, asker: JSON.parse(asker) }
}
