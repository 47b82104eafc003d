import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunFile } from './runtime.ts'

/** Where a worktree keeps what belongs to its present run and not to the work. */
const place = '.huskies/state/run'

/**
 * Makes the run's own folder in its worktree anew, with these files for its owner's eyes alone, and
 * returns its path. Git never sees it, whatever the project ignores.
 */
export function prepareRunFolder(worktree: string, files: readonly RunFile[]): string {
  const folder = join(worktree, place)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // It may stand in a folder that was there before, with other rights.
  chmodSync(folder, 0o700)
  writeFileSync(join(folder, '.gitignore'), '*\n')
  for (const { name, text } of files) writeFileSync(join(folder, name), text, { mode: 0o600 })
  return folder
}
