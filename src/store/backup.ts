import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { Problem } from '../kernel/problem.ts'

/**
 * Copies a database beside itself, as `<file>.pre-NAME.TIMESTAMP.bak`, before it is rewritten. The
 * copy is whole, checked and forced to the disk, or there is none: then it throws `Problem`
 * `no-backup`. One that was made since the database was last written is not made again, so that a
 * program which is started over and over does not fill the disk.
 */
export function backUp(db: Database.Database, name: string, now: number): void {
  // What lies in the log belongs to the file from now on, so that the file's date tells of it.
  db.pragma('wal_checkpoint(TRUNCATE)')
  const file = db.name
  const prefix = `${basename(file)}.pre-${name}.`
  const written = statSync(file).mtimeMs
  const current = readdirSync(dirname(file)).some(
    (other) =>
      other.startsWith(prefix) &&
      other.endsWith('.bak') &&
      statSync(join(dirname(file), other)).mtimeMs >= written,
  )
  if (current) return
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const unfinished = `${file}.unfinished-backup`
  try {
    rmSync(unfinished, { force: true })
    db.prepare('VACUUM INTO ?').run(unfinished)
    check(unfinished)
    force(unfinished)
    renameSync(unfinished, join(dirname(file), `${prefix}${stamp}.bak`))
    force(dirname(file))
  } catch (cause) {
    rmSync(unfinished, { recursive: true, force: true })
    const megabytes = Math.ceil(statSync(file).size / 1e6)
    throw new Problem(
      'no-backup',
      `The database has to be copied before this version changes it, and that failed (${(cause as Error).message}): make room for ${megabytes} MB in ${dirname(file)}, then start again; nothing was changed.`,
      { cause },
    )
  }
}

function check(file: string): void {
  const copy = new Database(file, { readonly: true, fileMustExist: true })
  try {
    const found = copy.pragma('quick_check(1)', { simple: true })
    if (found !== 'ok') throw new Error(String(found))
  } finally {
    copy.close()
  }
}

function force(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
