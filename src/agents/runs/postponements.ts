import type { Store } from '../../store/store.ts'

/** When an item's next run may start, and why not before. */
export interface Postponement {
  /** In ms since the epoch. */
  readonly until: number
  readonly reason: string
}

/** The items whose next run starts later: the service of their last one was overloaded. */
export class Postponements {
  readonly #get
  readonly #next
  readonly #set
  readonly #clear

  constructor({ db }: Store) {
    this.#get = db.prepare<[number], Postponement>(
      'SELECT until, reason FROM postponements WHERE item = ?',
    )
    this.#next = db
      .prepare<[number], number | null>('SELECT min(until) FROM postponements WHERE until > ?')
      .pluck()
    this.#set = db.prepare<[number, number, string]>(
      'INSERT OR REPLACE INTO postponements (item, until, reason) VALUES (?, ?, ?)',
    )
    this.#clear = db.prepare<[number]>('DELETE FROM postponements WHERE item = ?')
  }

  /** The one that holds the item now; undefined when it may start. */
  of(item: number, now: number): Postponement | undefined {
    const found = this.#get.get(item)
    return found && found.until > now ? found : undefined
  }

  /** When the next one is over; undefined when there is none. */
  next(now: number): number | undefined {
    return this.#next.get(now) ?? undefined
  }

  set(item: number, { until, reason }: Postponement): void {
    this.#set.run(item, until, reason)
  }

  clear(item: number): void {
    this.#clear.run(item)
  }
}
