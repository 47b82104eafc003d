import { makeFolder } from './folder.ts'
import type { ProjectPaths } from './paths.ts'

/**
 * Makes the folders that the program writes to. Throws `Problem` `read-only` or `disk-full` where
 * that cannot be, so that nothing is begun which could not be finished.
 */
export function openState(paths: ProjectPaths): void {
  for (const folder of [paths.state, paths.worktrees]) makeFolder(folder)
}
