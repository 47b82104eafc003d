import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { JournalHead } from '../pipeline/document/journal-head.ts'
import { nothingSaved, repair } from '../pipeline/document/repair.ts'
import { findDamage, isUnreadable } from '../store/integrity.ts'
import { migrate } from '../store/migrations.ts'
import { salvage } from '../store/salvage.ts'
import { Store } from '../store/store.ts'

/** A project's database, sound and of today's schema, and what tells when its end is lost. */
export interface ProjectDatabase {
  readonly store: Store
  readonly head: JournalHead
}

/** What SQLite keeps beside a database. */
const companions = ['-wal', '-shm'] as const

/**
 * Opens the database in the folder `state`, or makes it. One that is damaged is saved as far as that
 * can be: the damaged files are kept in a folder beside it, and the pipeline is paused with a reason
 * that says all that. Throws a `Problem` where nothing could be saved, where a newer program has made
 * it, or where it cannot be copied before an upgrade; then nothing is changed.
 */
export function openDatabase(state: string, now: number): ProjectDatabase {
  const file = join(state, 'pipeline.db')
  const head = new JournalHead(join(state, 'pipeline.head'))
  finishRescue(file)
  if (existsSync(file)) {
    const damage = findDamage(file)
    if (damage !== undefined) rescue(file, head, now, damage)
  } else if (head.read()) throw nothingSaved('The database pipeline.db is gone')
  return { store: open(file, head, now, () => setAside(file, now)), head }
}

function open(
  file: string,
  head: JournalHead,
  now: number,
  keep: () => string,
  damage?: string,
): Store {
  const store = Store.open(file)
  try {
    migrate(store, now)
    repair({ store, head, now, setAside: keep, damage })
    return store
  } catch (error) {
    store.close()
    throw error
  }
}

/** Makes a new database of what the damaged one still says, and puts it in its place when it is whole. */
function rescue(file: string, head: JournalHead, now: number, damage: string): void {
  const unfinished = `${file}.unfinished`
  remove(unfinished)
  const what = `The database was damaged (${damage})`
  try {
    const incomplete = salvage(file, unfinished).join(', ')
    const told = incomplete === '' ? what : `${what}, and rows of ${incomplete} are lost`
    open(unfinished, head, now, () => setAside(file, now), told).close()
  } catch (error) {
    remove(unfinished)
    throw isUnreadable(error) ? nothingSaved(what, error) : error
  }
  renameSync(unfinished, rescued(file))
  finishRescue(file)
}

/** Puts a rescued database in place, also after a crash: the old log must not be taken for its own. */
function finishRescue(file: string): void {
  if (!existsSync(rescued(file))) return
  for (const companion of companions) rmSync(`${file}${companion}`, { force: true })
  renameSync(rescued(file), file)
}

function rescued(file: string): string {
  return `${file}.rescued`
}

function remove(file: string): void {
  for (const name of ['', ...companions]) rmSync(`${file}${name}`, { force: true })
}

/** Copies a database as it lies on the disk into a folder of its own beside it. */
function setAside(file: string, now: number): string {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const folder = join(dirname(file), `damaged-${stamp}`)
  mkdirSync(folder, { recursive: true })
  for (const name of ['', '-wal'])
    if (existsSync(`${file}${name}`))
      copyFileSync(`${file}${name}`, join(folder, `${basename(file)}${name}`))
  return folder
}
