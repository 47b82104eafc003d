import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { Problem } from '../kernel/problem.ts'
import type { Launch } from './process-host.ts'

/**
 * The absolute path of the program that a launch means, looked for as a shell would: in its own
 * folder and its own PATH. Throws `Problem` `cannot-start` when program or folder is missing.
 */
export function findProgram({ command, cwd, env }: Launch): string {
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory())
    throw new Problem(
      'cannot-start',
      `Cannot start "${command}", because the folder ${cwd} does not exist; make it, then try again.`,
    )
  const places = command.includes('/')
    ? [resolve(cwd, command)]
    : (env.PATH ?? '/usr/bin:/bin').split(delimiter).map((at) => resolve(cwd, join(at, command)))
  const found = command === '' ? undefined : places.find(isProgram)
  if (found !== undefined) return found
  const why = places.some(isFile)
    ? 'its file may not be run; allow that with "chmod +x".'
    : 'no such program exists; install it, or correct its name in the settings.'
  throw new Problem('cannot-start', `Cannot start "${command}", because ${why}`)
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return isFile(path)
  } catch {
    return false
  }
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
