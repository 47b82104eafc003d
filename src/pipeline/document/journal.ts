import { crc32 } from 'node:zlib'
import { Problem } from '../../kernel/problem.ts'
import { isUnreadable } from '../../store/integrity.ts'
import type { Store } from '../../store/store.ts'
import type { JournalHead } from './journal-head.ts'

interface Row {
  readonly seq: number
  readonly first: number
  readonly at: number
  readonly checksum: number
  readonly change: Uint8Array
}

/** What the journal holds, as far as it can be trusted. */
export interface JournalContent {
  /** Oldest first, up to the first that is damaged or missing. */
  readonly updates: readonly Uint8Array[]
  /** The place of the last of them, and when it was made; 0 where there is none. */
  readonly seq: number
  readonly at: number
  /** The place of the newest change that was ever stored: `seq`, unless something is damaged. */
  readonly newest: number
}

/**
 * The updates of the project's document, in the order in which they were made: perhaps a snapshot
 * that holds all changes up to its place, then one change in each place without a gap.
 */
export class Journal {
  readonly #store: Store
  readonly #head: JournalHead | undefined
  readonly #insert
  readonly #rows
  readonly #lowest
  readonly #highest
  readonly #remove
  #headDue = false
  #number = 0

  /** `head` is told how far the journal goes, after each commit. */
  constructor(store: Store, head?: JournalHead) {
    const { db } = store
    this.#store = store
    this.#head = head
    this.#insert = db.prepare<[Row]>(
      'INSERT INTO pipeline_journal VALUES (@seq, @first, @at, @checksum, @change)',
    )
    this.#rows = db.prepare<[], Row>('SELECT * FROM pipeline_journal ORDER BY seq')
    this.#lowest = db.prepare<[], number | null>('SELECT min(seq) FROM pipeline_journal').pluck()
    this.#highest = db.prepare<[], number | null>('SELECT max(seq) FROM pipeline_journal').pluck()
    this.#remove = db.prepare<[number]>('DELETE FROM pipeline_journal WHERE seq <= ?')
  }

  /** The place of the newest change; 0 where there is none. */
  get newest(): number {
    return this.#highest.get() ?? 0
  }

  /** How many updates a start has to read. Costs nothing to ask. */
  get length(): number {
    return this.newest === 0 ? 0 : this.newest - (this.#lowest.get() ?? 0) + 1
  }

  /** Adds a change at the end; `number` is the highest of all items with it. Part of a transaction. */
  append(change: Uint8Array, at: number, number: number): void {
    const seq = this.newest + 1
    this.#insert.run({ seq, first: seq, at, checksum: crc32(change), change })
    this.#tellHead(number)
  }

  /**
   * Puts a snapshot in the place of all changes up to `seq`, which it must hold. What came after
   * them stays. In a transaction of its own, so that a crash leaves either.
   */
  compact(snapshot: Uint8Array, seq: number, at: number): void {
    this.#store.transaction(() => {
      this.#remove.run(seq)
      this.#insert.run({ seq, first: 1, at, checksum: crc32(snapshot), change: snapshot })
    })
  }

  /** All updates, oldest first. Throws `Problem` `damaged-journal` if one cannot be trusted. */
  read(): readonly Uint8Array[] {
    const { updates, seq, newest } = this.examine()
    if (seq === newest) return updates
    throw new Problem(
      'damaged-journal',
      `Change ${seq + 1} of ${newest} in the database is damaged: stop the program and start it again, which saves what can be saved.`,
    )
  }

  /** Reads all that can be trusted. Damage is no error here: `newest` says that more was stored. */
  examine(): JournalContent {
    const updates: Uint8Array[] = []
    let [seq, at, newest] = [0, 0, this.#head?.read()?.seq ?? 0]
    let sound = true
    try {
      for (const row of this.#rows.iterate()) {
        newest = Math.max(newest, row.seq)
        sound &&= row.first === (seq === 0 ? 1 : seq + 1) && crc32(row.change) === row.checksum
        if (!sound) continue
        updates.push(row.change)
        seq = row.seq
        at = row.at
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error
      newest = Math.max(newest, seq + 1)
    }
    return { updates, seq, at, newest }
  }

  /** Once for each transaction, and not at all for one that is rolled back. */
  #tellHead(number: number): void {
    const head = this.#head
    this.#number = number
    if (!head || this.#headDue) return
    this.#headDue = true
    this.#store.onRollback(() => {
      this.#headDue = false
    })
    this.#store.afterCommit(() => {
      this.#headDue = false
      head.write({ seq: this.newest, number: this.#number })
    })
  }
}
