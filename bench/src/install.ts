import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from './execute.ts'

const bench = join(import.meta.dirname, '..')

/** Installs the peers exactly as their lock file says, unless that has been done since it changed. */
export async function installPeers(): Promise<void> {
  const installed = join(bench, 'node_modules/.package-lock.json')
  const wanted = statSync(join(bench, 'package-lock.json')).mtimeMs
  if (existsSync(installed) && statSync(installed).mtimeMs >= wanted) return
  process.stderr.write('Installing the peers...\n')
  await execute('npm', ['ci', '--prefix', bench], { cwd: bench })
}
