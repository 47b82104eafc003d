import Database from 'better-sqlite3'
import { migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'

let migrated: Buffer | undefined

/** A database of its own in memory, with all its tables and nothing in them. */
export function memoryDatabase(): Database.Database {
  // Every migration takes its time, and a law opens hundreds of databases.
  migrated ??= migratedBytes()
  const db = new Database(migrated)
  db.pragma('foreign_keys = ON')
  return db
}

export function memoryStore(): Store {
  return new Store(memoryDatabase())
}

function migratedBytes(): Buffer {
  const store = Store.open(':memory:')
  migrate(store, 0)
  const bytes = store.db.serialize()
  store.close()
  return bytes
}
