import type { Store } from '../../src/store/store.ts'

/** A whole database as SQL text, which makes it again; one statement to a line, so that it can be read. */
export function sqlText({ db }: Store): string {
  const objects = db
    .prepare<[], { type: string; name: string; sql: string }>(
      `SELECT type, name, sql FROM sqlite_schema
       WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY type = 'index', rowid`,
    )
    .all()
  const rows = objects
    .filter(({ type }) => type === 'table')
    .flatMap(({ name }) =>
      db
        .prepare<[], unknown[]>(`SELECT * FROM ${name}`)
        .raw()
        .all()
        .map((row) => insert(name, row)),
    )
  return `${[...objects.map(({ sql }) => `${sql};`), ...rows].join('\n')}\n`
}

function insert(table: string, row: readonly unknown[]): string {
  return `INSERT INTO ${table} VALUES (${row.map(literal).join(', ')});`
}

function literal(value: unknown): string {
  if (value === null) return 'NULL'
  if (typeof value === 'number') return String(value)
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`
  return `'${String(value).replaceAll("'", "''")}'`
}
