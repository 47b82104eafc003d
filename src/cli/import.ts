import { readFileSync } from 'node:fs'
import { counted } from '../commands/wording.ts'
import { systemClock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import { importItems } from '../pipeline/export/import-items.ts'
import { readExport } from '../pipeline/export/read-export.ts'
import { Git } from '../pipeline/git/git.ts'
import { findPlaces } from '../pipeline/git/repository.ts'
import { openProjectState } from '../project-state.ts'
import { findCheckout, projectPaths } from '../projects/paths.ts'

/** `huskies import FILE`: puts exported items into the project in this folder, which has none yet. */
export async function importProject(file: string): Promise<number> {
  const root = findCheckout(process.cwd())
  if (root === undefined)
    throw new Problem(
      'no-project',
      'There is no huskies project here to import into: run "huskies init" in a git repository.',
    )
  const exported = readExport(read(file))
  const paths = projectPaths(root)
  const { commonDirectory } = await findPlaces(new Git(paths.root, process.env))
  const now = systemClock.now()
  const state = openProjectState({ paths, commonDirectory, env: process.env, now })
  try {
    importItems(state.store, state.head, exported, now)
  } finally {
    state.close()
  }
  const { items, deleted } = exported
  const numbers = counted(deleted.length, 'number', 'numbers')
  process.stdout.write(
    `Imported ${counted(items.length, 'item', 'items')}, and ${numbers} of deleted ones, into ${root}.\n`,
  )
  return 0
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Problem(
      'unreadable',
      `${file} cannot be read: name a file that huskies export has written.`,
      { cause },
    )
  }
}
