import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLog, silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import { Journal } from '../../src/pipeline/document/journal.ts'
import { rowOf } from '../../src/pipeline/document/projection.ts'
import { JournalCompaction } from '../../src/pipeline/reconcilers/journal-compaction.ts'
import { openDatabase } from '../../src/projects/database.ts'
import { Store } from '../../src/store/store.ts'
import { databaseFixtures } from '../support/database-fixtures.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { seeded } from '../support/seeded.ts'
import { SmallDisk, whyNoSmallDisk } from '../support/small-disk.ts'
import { sqlText } from '../support/sql-text.ts'

const anna = { kind: 'person', id: 'terminal:anna' } as const
const root = join(import.meta.dirname, '../..')
const _entry = join(root, 'bin/huskies.js')
const noDisk = whyNoSmallDisk()
const writer = join(import.meta.dirname, '../support/storage-writer.ts')

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-storage-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** What a start finds, and whether it had to mend anything. */
function lookInto(state: string) {
  const { store, head } = openDatabase(state, 1)
  const warnings: string[] = []
  const log = createLog({ write: (line) => void warnings.push(line) }, 'warn')
  const pipeline = new DocumentPipeline(store, new FakeClock(1), log, { maxRetries: 3, head })
  const found = {
    texts: new Map(pipeline.all().map(({ id, body }) => [id, Number(body)])),
    rows: store.db.prepare('SELECT * FROM pipeline_items ORDER BY id').all(),
    expectedRows: pipeline.all().map(rowOf),
    check: store.db.pragma('integrity_check', { simple: true }),
    snapshot: store.db.prepare<[], number>('SELECT min(seq) FROM pipeline_journal').pluck().get(),
    why: pipeline.pausedBecause,
    warnings,
  }
  store.close()
  return found
}

describe('A program that is killed with -9 while it changes items and keeps its journal short', () => {
  const rounds = 20

  test(`has lost no acknowledged change, in ${rounds} rounds on the same files`, async () => {
    const state = emptyFolder()
    const random = seeded(20270101)
    const acknowledged = new Map<number, number | 'gone'>()
    const snapshots = new Set<number | undefined>()
    let lines = 0
    for (let round = 1; round <= rounds; round += 1) {
      const { child, said } = startWriter(state, round)
      await said.has('ready')
      await sleep(random() * (round % 3 === 0 ? 900 : 300))
      child.kill('SIGKILL')
      await said.ended
      // A last line that was cut off was not said.
      for (const line of said.text.split('\n').slice(1, -1)) {
        const [id, value] = line.split(' ')
        acknowledged.set(Number(id), value === 'gone' ? value : Number(value))
        lines += 1
      }
      const found = lookInto(state)
      expect(found).toMatchObject({ why: undefined, warnings: [], check: 'ok' })
      expect(found.rows).toEqual(found.expectedRows)
      for (const [id, value] of acknowledged) {
        const text = found.texts.get(id)
        // What was under way may have been stored as well, a deletion too: then it stays so.
        if (value === 'gone') expect([id, text]).toEqual([id, undefined])
        else if (text === undefined) acknowledged.set(id, 'gone')
        else expect([id, text >= value]).toEqual([id, true])
      }
      snapshots.add(found.snapshot)
    }
    expect(lines).toBeGreaterThan(200)
    expect(snapshots.size).toBeGreaterThan(rounds / 4)
  })

  interface Said {
    text: string
    readonly ended: Promise<unknown>
    has(line: string): Promise<void>
  }

  function startWriter(state: string, seed: number): { child: ChildProcess; said: Said } {
    const args = [writer, state, String(seed)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const said: Said = {
      text: '',
      ended: new Promise((resolve) => child.once('close', resolve)),
      async has(line) {
        while (!said.text.includes(`${line}\n`)) {
          const more = new Promise((resolve) => child.stdout.once('data', resolve))
          await Promise.race([more, said.ended.then(() => Promise.reject(new Error(said.text)))])
        }
      },
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.text += text
    })
    return { child, said }
  }
})

describe('Whatever a start does to a database, killed with -9 at each of its steps', () => {
  const program = join(root, 'test/support/storage-program.ts')

  /** Runs to its end, or is killed at that point, counted from 1. Returns the points passed. */
  function run(state: string, exported: string, killedAt?: number): string[] {
    const args = [program, state, exported, String(killedAt ?? '')]
    const ended = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect(ended.stderr).toBe('')
    expect(ended.signal ?? ended.status).toBe(killedAt === undefined ? 0 : 'SIGKILL')
    return ended.stdout.trimEnd().split('\n')
  }

  /** Five items of which some changes are in the log only, as a crash leaves them. */
  function crashed(state: string): void {
    const made = emptyFolder()
    const { store, head } = openDatabase(made, 1)
    const pipeline = new DocumentPipeline(store, new FakeClock(1), silentLog, {
      maxRetries: 3,
      head,
    })
    for (let id = 1; id <= 5; id += 1)
      pipeline.create({ type: 'story', name: `item ${id}`, body: '1' }, anna)
    store.db.pragma('wal_checkpoint(TRUNCATE)')
    for (let id = 1; id <= 5; id += 1) pipeline.edit(id, { body: '2' }, anna)
    cpSync(made, state, { recursive: true })
    store.close()
  }

  function change(state: string, sql: string): void {
    const db = new Database(join(state, 'pipeline.db'))
    db.exec(sql)
    db.close()
  }

  /** Writes nonsense over the page on which the journal begins. */
  function scribble(state: string): void {
    change(state, 'SELECT 1')
    const file = join(state, 'pipeline.db')
    const db = new Database(file, { readonly: true })
    const query = "SELECT rootpage FROM sqlite_schema WHERE name = 'pipeline_journal'"
    const page = db.prepare<[], number>(query).pluck().get() ?? 0
    db.close()
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.fill(0x5a, (page - 1) * 4096, page * 4096))
  }

  const exported = JSON.stringify({
    ...{ huskies: 'items', version: 1 },
    items: [1, 2, 3].map((id) => ({
      ...{ id, type: 'story', name: `item ${id}`, stage: '2_current', body: '2', origin: anna },
      ...{ created: 1, updated: 1 },
    })),
  })

  test.each<[string, (state: string) => void, string, readonly number[], string | undefined]>([
    ['an upgrade', makeOldDatabase, '', [1, 2, 3, 4, 5], undefined],
    [
      'a repair',
      (state) => {
        crashed(state)
        change(state, 'DELETE FROM pipeline_journal WHERE seq = 7')
      },
      '',
      [1, 2, 3, 4, 5],
      'Change 7 of 10 in the database was damaged',
    ],
    [
      'a rescue',
      (state) => {
        crashed(state)
        scribble(state)
      },
      '',
      [1, 2, 3, 4, 5],
      'The database was damaged',
    ],
    [
      'a loss of the log',
      (state) => {
        crashed(state)
        rmSync(join(state, 'pipeline.db-wal'))
      },
      '',
      [1, 2, 3, 4, 5],
      'The newest 5 of 10 changes are missing',
    ],
    ['an import', () => {}, exported, [1, 2, 3], undefined],
  ])('%s is done, or not begun, and the next start ends it', (_, prepare, file, items, why) => {
    const prepared = emptyFolder()
    prepare(prepared)
    const copy = () => {
      const state = emptyFolder()
      cpSync(prepared, state, { recursive: true })
      return state
    }
    const whole = copy()
    const points = run(whole, file)
    const expected = lookInto(whole)
    expect([...expected.texts.keys()]).toEqual(items)
    expect(points.length).toBeGreaterThan(4)
    for (let point = 1; point <= points.length; point += 1) {
      const state = copy()
      run(state, file, point)
      const found = lookInto(state)
      const about = `killed at ${points[point - 1]}`
      expect([about, found.check]).toEqual([about, 'ok'])
      expect(found.rows).toEqual(found.expectedRows)
      if (file === '' || found.texts.size > 0)
        expect([about, found.texts]).toEqual([about, expected.texts])
      expect([about, found.why?.slice(0, why?.length)]).toEqual([about, why])
      const files = readdirSync(state)
      if (why !== undefined) expect(files.some((name) => name.startsWith('damaged-'))).toBe(true)
      expect(
        files.filter((name) => /unfinished|rescued/.test(name) && !/-(wal|shm)$/.test(name)),
      ).toEqual([])
    }
  })
})

/** A database of the oldest schema that is known, with some more in it; returns what it says as text. */
function makeOldDatabase(state: string): string {
  const file = join(state, 'pipeline.db')
  const db = new Database(file)
  db.exec(databaseFixtures()[0]?.sql ?? '')
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO outbox (transport, room, text, created_at, state)
    SELECT 't', 'r', hex(randomblob(5000)), 1, 'sent' FROM n`)
  db.close()
  return textOf(file)
}

function textOf(file: string): string {
  const store = Store.openToRead(file)
  const text = sqlText(store)
  store.close()
  return text
}

test('An upgrade that finds no room for the copy changes nothing, and works once there is room', (context) => {
  context.skip(noDisk !== undefined, noDisk)
  const state = emptyFolder()
  const disk = new SmallDisk(state)
  const before = makeOldDatabase(state)
  disk.fill()
  const filler = join(state, 'filler')
  truncateSync(filler, statSync(filler).size - 2_000_000)
  const backups = () => readdirSync(state).filter((name) => name.endsWith('.bak'))
  expect(() => openDatabase(state, 1)).toThrow(
    expect.objectContaining({
      code: 'no-backup',
      message: expect.stringMatching(/make room for 6 MB in /),
    }),
  )
  expect(textOf(join(state, 'pipeline.db')) === before).toBe(true)
  expect(backups()).toEqual([])
  disk.free()
  expect(lookInto(state).texts.size).toBe(5)
  expect(textOf(join(state, backups()[0] ?? '')) === before).toBe(true)
})

describe('A disk that is full', () => {
  test('loses nothing that was acknowledged, takes no half change, and goes on once there is room', async (context) => {
    context.skip(noDisk !== undefined, noDisk)
    const state = emptyFolder()
    const disk = new SmallDisk(state)
    const { store, head } = openDatabase(state, 1)
    const clock = new FakeClock(1)
    const pipeline = new DocumentPipeline(store, clock, silentLog, { maxRetries: 3, head })
    const create = () =>
      pipeline.create({ type: 'story', name: 'item', body: 'x'.repeat(2_000) }, anna).id
    const acknowledged: number[] = []
    const journal = new Journal(store)
    const renewIfWorn = () => store.transaction(() => pipeline.stored.renewIfWorn())
    const compaction = new JournalCompaction({ journal, clock, renewIfWorn, longestJournal: 10 })
    for (let round = 0; round < 3; round += 1) {
      for (let n = 0; n < 20; n += 1) acknowledged.push(create())
      disk.fill()
      expect(() => {
        for (let n = 0; n < 2_000; n += 1) acknowledged.push(create())
      }).toThrow(expect.objectContaining({ code: 'disk-full' }))
      await expect(compaction.reconcile('journal', new AbortController().signal)).rejects.toThrow()
      expect(pipeline.all().map(({ id }) => id)).toEqual(acknowledged)
      disk.free()
    }
    await compaction.reconcile('journal', new AbortController().signal)
    expect(journal.length).toBe(1)
    acknowledged.push(create())
    store.close()
    const found = lookInto(state)
    expect(found).toMatchObject({ why: undefined, warnings: [], check: 'ok' })
    expect([...found.texts.keys()]).toEqual(acknowledged)
  })
})
