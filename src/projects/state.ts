import { accessSync, constants, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Problem } from '../kernel/problem.ts'
import type { ProjectPaths } from './paths.ts'

/**
 * Makes the folders that the program writes to. Throws `Problem` `read-only` or `disk-full` where
 * that cannot be, so that nothing is begun which could not be finished.
 */
export function openState(paths: ProjectPaths): void {
  for (const folder of [paths.state, paths.worktrees]) {
    try {
      mkdirSync(folder, { recursive: true })
      accessSync(folder, constants.W_OK)
    } catch (error) {
      throw asProblem(error, folder)
    }
  }
}

function asProblem(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Problem(
      'disk-full',
      `The disk of ${dirname(folder)} is full: free some space, then start again.`,
      { cause: error },
    )
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new Problem(
      'read-only',
      `${folder} cannot be written: make ${dirname(folder)} writable for this user, then start again.`,
      { cause: error },
    )
  return error
}
