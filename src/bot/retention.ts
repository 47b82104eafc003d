import type { Statement } from 'better-sqlite3'
import type { Store } from '../store/store.ts'

/**
 * Forgets what people and the bot have said to each other, once that is done with and old. The rows
 * stay, because an event that comes again must be known again, and a message that was sent may still be
 * edited: their texts go, and the names of people.
 */
export class ChatRetention {
  readonly #inbox: Statement<[number, number]>
  readonly #outbox: Statement<[number, number]>

  constructor({ db }: Store) {
    this.#inbox = db.prepare(
      `UPDATE inbox SET text = '', sender_name = '' WHERE id IN (
         SELECT id FROM inbox WHERE state = 'done' AND text <> '' AND sent_at < ? LIMIT ?)`,
    )
    this.#outbox = db.prepare(
      `UPDATE outbox SET text = '', choices = NULL WHERE id IN (
         SELECT id FROM outbox
         WHERE text <> '' AND state NOT IN ('waiting', 'sending') AND created_at < ? LIMIT ?)`,
    )
  }

  /**
   * Forgets up to `most` messages of each direction that are from before that time, in ms since the
   * epoch; returns how many. Part of a transaction.
   */
  forget(before: number, most: number): number {
    return this.#inbox.run(before, most).changes + this.#outbox.run(before, most).changes
  }
}
