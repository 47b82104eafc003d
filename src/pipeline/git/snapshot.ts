import { copyFileSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Git } from './git.ts'
import type { Place } from './worktree-folder.ts'

let count = 0

/**
 * Runs `work` with a copy of the worktree's index, given by its path and as git's variable: what is
 * staged there is seen by nobody else.
 */
export async function withIndexCopy<T>(
  place: Pick<Place, 'admin'>,
  work: (environment: Readonly<Record<string, string>>, file: string) => Promise<T>,
): Promise<T> {
  count += 1
  const file = join(place.admin, `huskies-index-${process.pid}-${count}`)
  try {
    const index = join(place.admin, 'index')
    if (existsSync(index)) copyFileSync(index, file)
    return await work({ GIT_INDEX_FILE: file }, file)
  } finally {
    rmSync(file, { force: true })
  }
}

/**
 * Writes the tree of everything in the worktree as a commit of it all would have it: uncommitted
 * and untracked files included, ignored ones not. Returns its name; the worktree's own index stays.
 */
export function treeOfEverything(git: Git, place: Pick<Place, 'admin'>): Promise<string> {
  return withIndexCopy(place, async (environment) => {
    await git.run(['add', '--all', '.'], { environment })
    return (await git.run(['write-tree'], { environment })).trimEnd()
  })
}
