import Database from 'better-sqlite3'
import { isUnreadable } from './integrity.ts'

/**
 * Copies what can still be read of a damaged database into a new file, and returns the names of the
 * tables of which rows were lost. A table that cannot be read to its end is read from its other end
 * too. The damaged file is only read. Throws SQLite's own error when not even its schema can be.
 */
export function salvage(damaged: string, target: string): readonly string[] {
  const from = new Database(damaged, { readonly: true, fileMustExist: true })
  const to = new Database(target)
  try {
    to.pragma('foreign_keys = OFF')
    return to.transaction(() => {
      const tables = copySchema(from, to)
      const incomplete = tables.filter((table) => !copyRows(from, to, table))
      copyCounters(from, to)
      return incomplete
    })()
  } finally {
    from.close()
    to.close()
  }
}

/** Returns the names of the tables. */
function copySchema(from: Database.Database, to: Database.Database): string[] {
  const objects = from
    .prepare<[], { type: string; name: string; sql: string }>(
      `SELECT type, name, sql FROM sqlite_schema
       WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type <> 'table', rowid`,
    )
    .all()
  for (const { sql } of objects) to.exec(sql)
  return objects.flatMap(({ type, name }) => (type === 'table' ? [name] : []))
}

/** Whether all rows were copied. */
function copyRows(from: Database.Database, to: Database.Database, table: string): boolean {
  const keys = keysOf(from, table)
  const select = (direction: 'ASC' | 'DESC') =>
    from.prepare(`SELECT * FROM "${table}" ORDER BY ${keys.map((key) => `${key} ${direction}`)}`)
  const places = select('ASC')
    .columns()
    .map(() => '?')
  const insert = to.prepare(`INSERT OR IGNORE INTO "${table}" VALUES (${places.join(', ')})`)
  if (copyReadable(select('ASC'), insert)) return true
  copyReadable(select('DESC'), insert)
  return false
}

/** The columns by whose order the table is stored, so that it can be read without an index. */
function keysOf(from: Database.Database, table: string): readonly string[] {
  const hasRowid = from.prepare('SELECT wr = 0 FROM pragma_table_list WHERE name = ?').pluck()
  if (hasRowid.get(table) === 1) return ['rowid']
  return from
    .prepare<[string], string>('SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk')
    .pluck()
    .all(table)
    .map((name) => `"${name}"`)
}

/** Copies rows up to the first that cannot be read, those apart that make no sense. */
function copyReadable(select: Database.Statement, insert: Database.Statement): boolean {
  let whole = true
  try {
    for (const row of select.raw().safeIntegers().iterate()) whole = put(insert, row) && whole
    return whole
  } catch (error) {
    if (!isUnreadable(error)) throw error
    return false
  }
}

function put(insert: Database.Statement, row: unknown): boolean {
  try {
    insert.run(row)
    return true
  } catch (error) {
    const { code = '' } = error as { readonly code?: string }
    if (!code.startsWith('SQLITE_CONSTRAINT')) throw error
    return false
  }
}

/** Numbers that were given once stay given, also those of rows that were lost. */
function copyCounters(from: Database.Database, to: Database.Database): void {
  try {
    const counters = from.prepare('SELECT name, seq FROM sqlite_sequence').raw().all()
    to.exec('DELETE FROM sqlite_sequence')
    const insert = to.prepare('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)')
    for (const counter of counters) insert.run(counter)
  } catch (error) {
    // Then they go on from the highest rows that were copied.
    if (!isUnreadable(error)) throw error
  }
}
