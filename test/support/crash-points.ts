import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import Database from 'better-sqlite3'
import { Git } from '../../src/pipeline/git/git.ts'

/** Git commands that change nothing. */
const reading = new Set(
  '-c cat-file config diff diff-files diff-index diff-tree for-each-ref log ls-files ls-tree merge-base rev-list rev-parse symbolic-ref var version'.split(
    ' ',
  ),
)

/** Arguments with which no other does either: what `--refresh` notes down is only for speed. */
const looking = new Set(['list', '--dry-run', '--refresh'])

/**
 * Has `pass` called before and after every effect that this process has on the world: each commit of
 * the database, each git command that writes, each file below `folder` that is written or removed.
 * The program itself knows nothing of it: what it calls is wrapped from outside.
 */
export function watchEffects(folder: string, pass: (point: string) => void): void {
  watchCommits(pass)
  watchGit(pass)
  for (const name of ['writeFileSync', 'appendFileSync', 'rmSync', 'copyFileSync'] as const)
    watchFiles(name, folder, 0, pass)
  for (const name of ['renameSync', 'linkSync'] as const) watchFiles(name, folder, 1, pass)
  syncBuiltinESMExports()
}

function around<T>(name: string, pass: (point: string) => void, work: () => T): T {
  pass(`before ${name}`)
  const result = work()
  pass(`after ${name}`)
  return result
}

function watchCommits(pass: (point: string) => void): void {
  const { prepare } = Database.prototype
  function watched(this: Database.Database, sql: string) {
    const statement = prepare.call(this, sql)
    if (sql !== 'COMMIT') return statement
    const run = statement.run.bind(statement) as () => unknown
    return Object.assign(statement, { run: () => around('a commit', pass, () => run()) })
  }
  Object.assign(Database.prototype, { prepare: watched })
}

function watchGit(pass: (point: string) => void): void {
  const { attempt } = Git.prototype
  Git.prototype.attempt = async function (args, options) {
    const [command = ''] = args
    if (reading.has(command) || args.some((arg) => looking.has(arg)))
      return attempt.call(this, args, options)
    pass(`before git ${command}`)
    const result = await attempt.call(this, args, options)
    pass(`after git ${command}`)
    return result
  }
}

function watchFiles(
  name: 'writeFileSync' | 'appendFileSync' | 'rmSync' | 'copyFileSync' | 'renameSync' | 'linkSync',
  folder: string,
  changed: 0 | 1,
  pass: (point: string) => void,
): void {
  const call = fs[name] as (...args: unknown[]) => unknown
  const watched = (...args: unknown[]) => {
    const path = String(args[changed])
    if (!path.startsWith(folder)) return call(...args)
    const file = basename(path).replace(/(?<=^g_[a-z]+_)\w+|\d+/g, 'N')
    return around(`${name} ${file}`, pass, () => call(...args))
  }
  Object.assign(fs, { [name]: watched })
}
