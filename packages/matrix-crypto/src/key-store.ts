import { deserialize, serialize } from 'node:v8'
import Database from 'better-sqlite3'
import { type Change, forget, type Keeper, keep, restore, type StoreShape } from './indexed-db.ts'

/**
 * A device's keys in one SQLite file. The library keeps them in an IndexedDB: that one lives in
 * memory, is filled from the file when it is opened, and each of its commits is a commit here first.
 */
export class KeyStore implements Keeper {
  /** The name under which the library is to open its store. */
  readonly name: string
  readonly #db: Database.Database
  #failure: unknown

  private constructor(name: string, db: Database.Database) {
    this.name = name
    this.#db = db
  }

  /**
   * Throws when the file cannot be opened, another process has it open, or it holds the keys of
   * another device than `owner`.
   */
  static async open(path: string, owner: string): Promise<KeyStore> {
    const db = new Database(path, { timeout: 0 })
    try {
      db.pragma('locking_mode = EXCLUSIVE')
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = FULL')
      db.exec(layout)
      claim(db, path, owner)
      // A name of its own for each opening: what a failed one left open in memory blocks nothing.
      openings += 1
      const store = new KeyStore(`${path}#${openings}`, db)
      await store.#restore()
      keep(store.name, store)
      return store
    } catch (error) {
      db.close()
      throw error
    }
  }

  /** Throws when anything could not be stored: what the library knows by now is not to be relied on. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  close(): void {
    forget(this.name)
    this.#db.close()
  }

  laidOut(database: string, version: number, shapes: readonly StoreShape[], all: Change[]): void {
    this.#attempt(() => {
      for (const table of ['databases', 'records'])
        this.#db.prepare(`DELETE FROM ${table} WHERE database = ?`).run(database)
      this.#db
        .prepare('INSERT INTO databases (database, version, shapes) VALUES (?, ?, ?)')
        .run(database, version, JSON.stringify(shapes))
      this.#write(database, all)
    })
  }

  changed(database: string, changes: Change[]): void {
    if (changes.length > 0) this.#attempt(() => this.#write(database, changes))
  }

  /** It is called by an event, where an error would be nobody's: `check` throws it. */
  #attempt(work: () => void): void {
    try {
      this.#db.transaction(work)()
    } catch (error) {
      this.#failure ??= error
    }
  }

  #write(database: string, changes: readonly Change[]): void {
    const put = this.#db.prepare(
      'INSERT OR REPLACE INTO records (database, store, key, value) VALUES (?, ?, ?, ?)',
    )
    const remove = this.#db.prepare(
      'DELETE FROM records WHERE database = ? AND store = ? AND key = ?',
    )
    for (const { store, key, record } of changes)
      if (record) put.run(database, store, serialize(key), serialize(record.value))
      else remove.run(database, store, serialize(key))
  }

  async #restore(): Promise<void> {
    const records = this.#db.prepare<[string, string], { key: Buffer; value: Buffer }>(
      'SELECT key, value FROM records WHERE database = ? AND store = ?',
    )
    const databases = this.#db
      .prepare<[], { database: string; version: number; shapes: string }>('SELECT * FROM databases')
      .all()
    for (const { database, version, shapes } of databases) {
      const stores = JSON.parse(shapes) as StoreShape[]
      const kept = stores.map(({ name }) => {
        const rows = records.all(database, name)
        return [
          name,
          rows.map((row) => ({ key: deserialize(row.key), value: deserialize(row.value) })),
        ]
      })
      await restore(this.name + database, version, stores, new Map(kept as [string, never][]))
    }
  }
}

let openings = 0

function claim(db: Database.Database, path: string, owner: string): void {
  db.prepare('INSERT INTO owner (name) SELECT ? WHERE NOT EXISTS (SELECT * FROM owner)').run(owner)
  const found = db.prepare<[], string>('SELECT name FROM owner').pluck().get()
  if (found !== owner) throw new Error(`${path} holds the keys of ${found}, not of ${owner}.`)
}

const layout = `
  CREATE TABLE IF NOT EXISTS owner (name TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS databases (
    database TEXT    PRIMARY KEY,
    version  INTEGER NOT NULL,
    shapes   TEXT    NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS records (
    database TEXT NOT NULL,
    store    TEXT NOT NULL,
    key      BLOB NOT NULL,
    value    BLOB NOT NULL,
    PRIMARY KEY (database, store, key)
  ) STRICT, WITHOUT ROWID;
`
