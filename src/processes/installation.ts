import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The id of the installation whose state lies in `stateDirectory`: made once, stored there.
 *
 * It is bound to the folder's inode. A project that was copied with its state therefore gets an id
 * of its own, and never takes the runs of the original for orphans; one that was moved keeps it.
 */
export function installationOf(stateDirectory: string): string {
  mkdirSync(stateDirectory, { recursive: true })
  const inode = String(statSync(stateDirectory, { bigint: true }).ino)
  const path = join(stateDirectory, 'installation')
  const [stored, boundTo] = readIfThere(path).trim().split(' ')
  if (stored && boundTo === inode) return stored

  const made = randomBytes(6).toString('hex')
  writeFileSync(`${path}.part`, `${made} ${inode}\n`)
  renameSync(`${path}.part`, path)
  return made
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
