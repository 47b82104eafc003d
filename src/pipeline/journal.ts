import type Database from 'better-sqlite3'

/** The updates of the project's document, in the order in which they were made. */
export class Journal {
  readonly #append: Database.Statement<[Uint8Array, number]>
  readonly #all: Database.Statement<[], { change: Buffer }>
  readonly #clear: Database.Statement<[]>

  constructor(db: Database.Database) {
    this.#append = db.prepare('INSERT INTO pipeline_journal (change, at) VALUES (?, ?)')
    this.#all = db.prepare('SELECT change FROM pipeline_journal ORDER BY seq')
    this.#clear = db.prepare('DELETE FROM pipeline_journal')
  }

  /** Adds `update` at the end. */
  append(update: Uint8Array, at: number): void {
    this.#append.run(update, at)
  }

  /** All updates, oldest first. */
  read(): Uint8Array[] {
    return this.#all.all().map((row) => row.change)
  }

  /** Puts one update that says all in the place of all others. Belongs in a transaction. */
  replaceBy(snapshot: Uint8Array, at: number): void {
    this.#clear.run()
    this.append(snapshot, at)
  }
}
