import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { RunFile } from '../runtime.ts'

/** Makes a run's own folder, with these files in it, and returns its path. */
export type PrepareRunFolder = (worktree: string, files: readonly RunFile[]) => string

/** Where a worktree keeps what belongs to its present run and not to the work. */
const place = '.huskies/state/run'

/**
 * Makes the run's own folder in its worktree anew, with these files for its owner's eyes alone, and
 * returns its path. Git never sees it, whatever the project ignores.
 */
export function prepareRunFolder(worktree: string, files: readonly RunFile[]): string {
  return prepareFolder(join(worktree, place), files)
}

/** The same for any folder of ours. */
export function prepareFolder(folder: string, files: readonly RunFile[]): string {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // It may stand in a folder that was there before, with other rights.
  chmodSync(folder, 0o700)
  writeFileSync(join(folder, '.gitignore'), '*\n')
  for (const file of files) write(folder, file)
  return folder
}

function write(folder: string, { name, content }: RunFile): void {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if ('link' in content) symlinkSync(content.link, path)
  else writeFileSync(path, content.text, { mode: 0o600 })
}
