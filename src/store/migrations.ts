import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { Problem } from '../kernel/problem.ts'
import { backUp } from './backup.ts'
import type { Store } from './store.ts'

/** One numbered step of the schema: `0002_chat.sql` has number 2 and name `chat`. */
interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
}

const ourFolder = join(import.meta.dirname, '../../migrations')
/** The first line of a step that changes what is stored already, and not only what can be. */
const rewrites = '-- rewrites data\n'

/**
 * Brings the schema up to date, one transaction for each missing step, and returns how many ran.
 * Where one of them rewrites data, the database is copied first (see backup.ts); without the copy
 * nothing is changed. A database that has a step which this program does not know was made by a newer
 * one: it is refused (`Problem` `newer-database`), with the step's number, name and date.
 */
export function migrate(store: Store, now: number, folder = ourFolder): number {
  const { db } = store
  db.exec(
    `CREATE TABLE IF NOT EXISTS migrations (
       number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
  )
  const missing = findMissing(store, folder)
  const first = missing.find(({ sql }) => sql.startsWith(rewrites))
  if (first && !db.memory && !isNew(store)) backUp(db, first.name, now)
  db.function('crc32', { deterministic: true }, (bytes) => crc32(bytes as Uint8Array))
  for (const migration of missing) {
    store.transaction(() => {
      db.exec(migration.sql)
      db.prepare('INSERT INTO migrations (number, name, applied_at) VALUES (?, ?, ?)').run(
        migration.number,
        migration.name,
        now,
      )
    })
  }
  return missing.length
}

/**
 * Throws a `Problem` unless the schema is today's, for who only reads: `newer-database`, or
 * `older-database`.
 */
export function checkSchema(store: Store): void {
  if (findMissing(store, ourFolder).length === 0) return
  throw new Problem(
    'older-database',
    'The database was written by an older huskies: run huskies start once, which brings it up to date.',
  )
}

/** The steps that the database does not have yet. Throws for one that this program does not know. */
function findMissing({ db }: Store, folder: string): Migration[] {
  const known = readMigrations(folder)
  const applied = db
    .prepare<[], Applied>('SELECT number, name, applied_at FROM migrations ORDER BY number')
    .all()
  for (const row of applied) {
    if (known.some((migration) => migration.number === row.number)) continue
    const date = new Date(row.applied_at).toISOString().slice(0, 10)
    throw new Problem(
      'newer-database',
      `The database was changed by a newer huskies (migration ${row.number} "${row.name}", ${date}): start that version, or one that is newer still.`,
    )
  }
  return known.filter(({ number }) => !applied.some((row) => row.number === number))
}

interface Applied {
  readonly number: number
  readonly name: string
  readonly applied_at: number
}

function isNew({ db }: Store): boolean {
  return db.prepare('SELECT count(*) FROM migrations').pluck().get() === 0
}

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const match = /^(\d{4})_([a-z0-9_]+)\.sql$/.exec(file)
      if (!match?.[1] || !match[2]) return []
      return [
        {
          number: Number(match[1]),
          name: match[2],
          sql: readFileSync(join(folder, file), 'utf8'),
        },
      ]
    })
}
