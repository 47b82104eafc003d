import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import Database from 'better-sqlite3'
import { Problem } from '../kernel/problem.ts'

/** Held as long as the program serves the folder. */
export interface Lock {
  release(): void
}

/** A connection that nothing refers to is closed by the garbage collector, and its lock is gone. */
const held = new Set<Database.Database>()

/**
 * Makes this program the only one that serves a folder. The operating system holds the lock (it is
 * SQLite's, on `file`), so that the end of the process releases it, however it ends. Throws
 * `Problem` `already-running`, which names the program that came first.
 */
export function acquireLock(file: string, { pid, now }: { pid: number; now: number }): Lock {
  const holderFile = `${file}.holder`
  const db = new Database(file, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if (!(cause instanceof Database.SqliteError) || cause.code !== 'SQLITE_BUSY') throw cause
    throw new Problem(
      'already-running',
      `Huskies already serves this folder${describeHolder(holderFile)}: use that one, or stop it first.`,
      { cause },
    )
  }
  held.add(db)
  writeFileSync(holderFile, JSON.stringify({ pid, since: now, host: hostname() }))
  return {
    release() {
      rmSync(holderFile, { force: true })
      held.delete(db)
      db.close()
    },
  }
}

/** Whether a program serves the folder now. It looks only, and keeps nobody from beginning to. */
export function isHeld(file: string): boolean {
  if (!existsSync(file)) return false
  const db = new Database(file, { readonly: true, timeout: 0 })
  try {
    db.prepare('SELECT 1 FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') return true
    throw error
  } finally {
    db.close()
  }
}

/** Who holds the lock, for a message only: pids repeat, and the file is written after the lock is taken. */
function describeHolder(file: string): string {
  try {
    const { pid, since, host } = JSON.parse(readFileSync(file, 'utf8'))
    const date = new Date(since).toISOString().slice(0, 19).replace('T', ' ')
    return ` (process ${pid} on ${host}, since ${date} UTC)`
  } catch {
    return ''
  }
}
