import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { migrate } from '../../src/store/migrations.ts'
import { Store } from '../../src/store/store.ts'
import { databaseFixtures } from '../support/database-fixtures.ts'
import { sqlText } from '../support/sql-text.ts'

const now = Date.UTC(2030, 5, 7, 8, 9, 10)
let folder: string
let file: string
let migrations: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'backup-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  file = join(folder, 'pipeline.db')
  migrations = join(folder, 'migrations')
  mkdirSync(migrations)
  step('0001_first', 'CREATE TABLE notes (text TEXT NOT NULL) STRICT;')
})

function step(name: string, sql: string) {
  writeFileSync(join(migrations, `${name}.sql`), sql)
}

/** What a start of the program does with the file. */
function start(use: (store: Store) => void = () => {}): number {
  const store = Store.open(file)
  try {
    const ran = migrate(store, now, migrations)
    use(store)
    return ran
  } finally {
    store.close()
  }
}

function text(path: string): string {
  const store = new Store(new Database(path, { readonly: true }))
  try {
    return sqlText(store)
  } finally {
    store.close()
  }
}

const backups = () => readdirSync(folder).filter((name) => name.endsWith('.bak'))
const upper = '-- rewrites data\nUPDATE notes SET text = upper(text);\n'
const note = (store: Store) => store.db.exec("INSERT INTO notes VALUES ('a')")

test('a step that rewrites data is run only after the database was copied as it was', () => {
  start(note)
  const before = text(file)
  step('0002_upper_case', upper)
  expect(start()).toBe(1)
  expect(backups()).toEqual(['pipeline.db.pre-upper_case.20300607T080910Z.bak'])
  expect(text(join(folder, backups()[0] ?? ''))).toBe(before)
  expect(text(file)).toContain("INSERT INTO notes VALUES ('A');")
  start()
  expect(backups()).toHaveLength(1)
})

test('the copy is made before any step of the upgrade, so that the older program can open it', () => {
  start(note)
  const before = text(file)
  step('0002_more', 'CREATE TABLE more (text TEXT) STRICT;')
  step('0003_upper_case', upper)
  step('0004_lower_case', '-- rewrites data\nUPDATE notes SET text = lower(text);')
  expect(start()).toBe(3)
  expect(backups()).toEqual(['pipeline.db.pre-upper_case.20300607T080910Z.bak'])
  expect(text(join(folder, backups()[0] ?? ''))).toBe(before)
})

test('a new database and a step that only adds need no copy', () => {
  step('0002_upper_case', upper)
  start(note)
  step('0003_more', 'CREATE TABLE more (text TEXT) STRICT;')
  start()
  expect(backups()).toEqual([])
})

test('no copy, no migration: nothing is changed, and the next start tries again', () => {
  start(note)
  const before = text(file)
  step('0002_upper_case', upper)
  mkdirSync(`${file}.unfinished-backup`)
  expect(() => start()).toThrow(
    expect.objectContaining({
      code: 'no-backup',
      message: expect.stringMatching(/make room for 1 MB in .*; nothing was changed\.$/),
    }),
  )
  expect(text(file)).toBe(before)
  expect(start()).toBe(1)
})

test('a step that fails again and again leaves the data as it was, and one copy', () => {
  start(note)
  const before = text(file)
  step('0002_upper_case', `${upper}SELECT no_such_function();`)
  expect(() => start()).toThrow('no_such_function')
  expect(() => start()).toThrow('no_such_function')
  expect(text(file)).toBe(before)
  expect(backups()).toHaveLength(1)
})

test('old copies are kept, and one that is older than the data is no copy of it', () => {
  start(note)
  step('0002_upper_case', upper)
  const old = `${file}.pre-upper_case.20200101T000000Z.bak`
  cpSync(file, old)
  utimesSync(old, 0, 0)
  cpSync(file, `${file}.pre-something.20200101T000000Z.bak`)
  start()
  expect(backups()).toHaveLength(3)
})

test('a copy that a crash left half made is made again', () => {
  start(note)
  step('0002_upper_case', upper)
  writeFileSync(`${file}.unfinished-backup`, 'half')
  expect(start()).toBe(1)
  expect(backups()).toHaveLength(1)
  expect(readdirSync(folder)).not.toContain('pipeline.db.unfinished-backup')
})

test('the real upgrade from the first schema copies the database, and that copy is the old one', () => {
  const [oldest] = databaseFixtures()
  const db = new Database(file)
  db.exec(oldest?.sql ?? '')
  db.close()
  const before = text(file)
  const store = Store.open(file)
  migrate(store, now)
  store.close()
  expect(backups()).toEqual(['pipeline.db.pre-journal_checksum.20300607T080910Z.bak'])
  expect(text(join(folder, backups()[0] ?? ''))).toBe(before)
})
