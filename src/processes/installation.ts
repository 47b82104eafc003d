import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markerName } from './marker.ts'

/**
 * The id of the installation whose state lies in `stateDirectory`: made once, stored there.
 *
 * It is bound to the folder's inode. A project that was copied with its state therefore gets an id
 * of its own, and never takes the runs of the original for orphans; one that was moved keeps it.
 */
export function installationOf(stateDirectory: string): string {
  mkdirSync(stateDirectory, { recursive: true })
  const inode = inodeOf(stateDirectory)
  const stored = storedIn(stateDirectory, inode)
  if (stored) return stored

  const path = join(stateDirectory, 'installation')
  const made = randomBytes(6).toString('hex')
  writeFileSync(`${path}.part`, `${made} ${inode}\n`)
  renameSync(`${path}.part`, path)
  return made
}

/** Whether a process with the environment `env` belongs to a run of that installation. */
export function isWithinRun(
  stateDirectory: string,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (!existsSync(stateDirectory)) return false
  const stored = storedIn(stateDirectory, inodeOf(stateDirectory))
  if (!stored) return false
  const prefix = markerName(stored, '_').slice(0, -1)
  return Object.keys(env).some((name) => name.startsWith(prefix))
}

function inodeOf(folder: string): string {
  return String(statSync(folder, { bigint: true }).ino)
}

function storedIn(stateDirectory: string, inode: string): string | undefined {
  const [stored, boundTo] = readIfThere(join(stateDirectory, 'installation')).trim().split(' ')
  return stored && boundTo === inode ? stored : undefined
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
