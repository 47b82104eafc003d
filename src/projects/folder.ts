import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { diskProblem } from '../kernel/disk.ts'

/**
 * Makes the folder and those above it, where they are missing. Throws `Problem` `read-only` or
 * `disk-full` where nothing can be written to it.
 */
export function makeFolder(folder: string): void {
  try {
    // Where a folder cannot be made, Node calls it missing: what holds it is asked first.
    accessSync(nearest(folder), constants.W_OK)
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    throw diskProblem(error) ?? error
  }
}

function nearest(folder: string): string {
  return existsSync(folder) ? folder : nearest(dirname(folder))
}
