import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../kernel/problem.ts'
import { readSettings } from '../kernel/settings.ts'
import { GitBranchFacts } from '../pipeline/git/branch-facts.ts'
import { openRepository } from '../pipeline/git/repository.ts'
import type { Item } from '../pipeline/item.ts'
import { landedIn, releaseNotes } from '../pipeline/release-notes.ts'
import { projectSettings } from '../pipeline/settings.ts'
import { findProject, projectPaths } from '../projects/paths.ts'
import { Store } from '../store/store.ts'

/**
 * `huskies release-notes [--since TAG]`: writes what was merged since the last tag to standard
 * output. It only reads, so that it works beside the program that serves the project, and without it.
 */
export async function printReleaseNotes(since: string | undefined): Promise<number> {
  const root = findProject(process.cwd())
  if (root === undefined)
    throw new Problem(
      'no-project',
      'There is no huskies project here: go to the one that you mean.',
    )
  const { settings, state } = projectPaths(root)
  const { base_branch } = readSettings(join(settings, 'project.toml'), projectSettings)
  const options = { baseBranch: base_branch, environment: process.env }
  const repository = await openRepository(root, options)
  const { commits, since: from } = await new GitBranchFacts(repository).log(since)
  const notes = withItems(join(state, 'pipeline.db'), (find) =>
    releaseNotes(landedIn(commits, find)),
  )
  if (notes) process.stdout.write(`${notes}\n`)
  else
    process.stderr.write(`No item was merged ${from === undefined ? 'so far' : `since ${from}`}.\n`)
  return 0
}

type Find = (id: number) => Pick<Item, 'type' | 'name'> | undefined

/** Only old commits do not name their items: those are looked up where a database has them. */
function withItems<T>(file: string, work: (find: Find) => T): T {
  if (!existsSync(file)) return work(() => undefined)
  const store = Store.openToRead(file)
  try {
    return work((id) =>
      store.db
        .prepare<[number], Pick<Item, 'type' | 'name'>>(
          'SELECT type, name FROM pipeline_items WHERE id = ?',
        )
        .get(id),
    )
  } finally {
    store.close()
  }
}
