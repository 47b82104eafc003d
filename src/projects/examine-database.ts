import { existsSync } from 'node:fs'
import { Problem } from '../kernel/problem.ts'
import { Archive } from '../pipeline/document/archive.ts'
import { Journal } from '../pipeline/document/journal.ts'
import { findDamage } from '../store/integrity.ts'
import { checkSchema } from '../store/migrations.ts'
import { Store } from '../store/store.ts'

/**
 * Reads all of a project's database, beside a program that may be at work on it, and returns what it
 * found as words; undefined where there is no database yet. A start reads less: not the archive. Throws
 * `Problem` with what to do: `damaged-database`, `damaged-journal`, `damaged-archive`, or as
 * `checkSchema`.
 */
export function examineDatabase(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  const damage = findDamage(file)
  if (damage !== undefined)
    throw new Problem(
      'damaged-database',
      `${file} is damaged (${damage}): stop the program and start it again, which saves what can be saved.`,
    )
  const store = Store.openToRead(file)
  try {
    checkSchema(store)
    new Journal(store).read()
    const { sound, damaged } = new Archive(store).examine()
    if (damaged.size > 0)
      throw new Problem(
        'damaged-archive',
        `In the archive of ${file} these items are damaged: ${[...damaged].join(', ')}. Stop the program and put a copy of the file in its place, or go on without them.`,
      )
    return `is sound, with ${sound.size} ${sound.size === 1 ? 'item' : 'items'} in the archive`
  } finally {
    store.close()
  }
}
