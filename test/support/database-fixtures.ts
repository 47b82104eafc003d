import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HistoryEntry, Item } from '../../src/pipeline/item.ts'

const folder = join(import.meta.dirname, '../fixtures/databases')

/** A database that an older program wrote, and what that program said of it. */
export interface DatabaseFixture {
  /** The newest migration that it has: `0004`. */
  readonly version: string
  readonly sql: string
  readonly items: readonly { readonly item: Item; readonly history: readonly HistoryEntry[] }[]
  /** The history of the item that was deleted. */
  readonly deleted: readonly HistoryEntry[]
}

/** All that are kept, oldest first. */
export function databaseFixtures(): readonly DatabaseFixture[] {
  const versions = readdirSync(folder).flatMap((file) => /^(\d{4})\.sql$/.exec(file)?.[1] ?? [])
  return versions.sort().map((version) => ({
    version,
    sql: readFileSync(join(folder, `${version}.sql`), 'utf8'),
    ...JSON.parse(readFileSync(join(folder, `${version}.json`), 'utf8')),
  }))
}
