import type { Clock } from '../../kernel/clock.ts'
import type { Journal } from '../document/journal.ts'
import { type MakeSnapshot, snapshotHere } from '../document/snapshot.ts'
import type { Reconciler } from './reconciler.ts'

export interface JournalCompactionParts {
  readonly journal: Journal
  readonly clock: Clock
  /** Puts the next edition in the place of a document that is worn; whether it did. */
  readonly renewIfWorn: () => boolean
  /** In this very thread where it is missing. */
  readonly makeSnapshot?: MakeSnapshot
  /** A journal with more updates than this is compacted; 1 000 by default. */
  readonly longestJournal?: number
}

/**
 * Keeps the journal short, so that a start is quick. A document that is worn is renewed. Otherwise a
 * snapshot is made of what is on disk, not of what is in memory, and takes the place of exactly what it
 * was made of; what is changed meanwhile stays behind it.
 */
export class JournalCompaction implements Reconciler {
  readonly name = 'journal-compaction'
  readonly #journal: Journal
  readonly #clock: Clock
  readonly #renewIfWorn: () => boolean
  readonly #makeSnapshot: MakeSnapshot
  readonly #longest: number

  constructor(parts: JournalCompactionParts) {
    const { makeSnapshot = snapshotHere, longestJournal = 1_000 } = parts
    this.#journal = parts.journal
    this.#clock = parts.clock
    this.#renewIfWorn = parts.renewIfWorn
    this.#makeSnapshot = makeSnapshot
    this.#longest = longestJournal
  }

  keys(): Iterable<string> {
    return this.#journal.length > this.#longest ? ['journal'] : []
  }

  keysOf(): Iterable<string> {
    return this.keys()
  }

  async reconcile(_key: string, signal: AbortSignal): Promise<undefined> {
    const journal = this.#journal
    const { newest, length } = journal
    if (length <= this.#longest || this.#renewIfWorn()) return
    const snapshot = await this.#makeSnapshot(journal.read(), signal)
    journal.compact(snapshot, newest, this.#clock.now())
  }
}
