import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { StoredInbox } from '../../src/bot/inbox.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document-pipeline.ts'
import type { Actor } from '../../src/pipeline/item.ts'
import { openDatabase } from '../../src/projects/database.ts'
import type { Store } from '../../src/store/store.ts'
import { FakeClock } from '../support/fake-clock.ts'

const anna: Actor = { kind: 'person', id: 'terminal:anna', name: 'Anna' }
const now = Date.UTC(2030, 5, 7, 8, 9, 10)
let state: string
let file: string

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'database-'))
  onTestFinished(() => rmSync(state, { recursive: true }))
  file = join(state, 'pipeline.db')
})

/** What a start of the program makes of the files; `use` may leave without closing, as a crash does. */
function start<T>(use: (pipeline: DocumentPipeline, store: Store) => T): T {
  const { store, head } = openDatabase(state, now)
  try {
    const clock = new FakeClock(now)
    return use(new DocumentPipeline(store, clock, silentLog, { maxRetries: 3, head }), store)
  } finally {
    store.close()
  }
}

/** Five items, of which the last two are made last; the fourth is deleted. Eight changes. */
function fill(pipeline: DocumentPipeline): void {
  for (let id = 1; id <= 3; id += 1)
    pipeline.create({ type: 'story', name: `item ${id}`, body: `text ${id}\n- [ ] one` }, anna)
  pipeline.create({ type: 'bug', name: 'a mistake' }, anna)
  pipeline.apply(1, { type: 'start' }, anna)
  pipeline.apply(2, { type: 'close' }, anna)
  pipeline.delete(4, anna)
  pipeline.create({ type: 'bug', name: 'the last', dependsOn: [2] }, anna)
}

const told = (pipeline: DocumentPipeline) => ({
  items: pipeline.all(),
  histories: [1, 2, 3, 4, 5].map((id) => pipeline.history(id)),
  paused: pipeline.pausedBecause,
})

const kept = () => readdirSync(state).filter((name) => name.startsWith('damaged-'))

function sql(text: string): void {
  const db = new Database(file)
  db.exec(text)
  db.close()
}

describe('a database that is sound', () => {
  test('is made where there is none, and opened again as it was', () => {
    const before = start((pipeline) => {
      fill(pipeline)
      return told(pipeline)
    })
    expect(start(told)).toEqual(before)
    expect(before.paused).toBeUndefined()
    expect(readdirSync(state).sort()).toEqual(['pipeline.db', 'pipeline.head'])
  })
})

describe('a journal that the disk has changed', () => {
  test('is kept aside; every item stands where it stood, and people are told what is older', () => {
    const before = start((pipeline) => {
      fill(pipeline)
      return pipeline.all()
    })
    sql('UPDATE pipeline_journal SET change = zeroblob(9) WHERE seq = 6')
    start((pipeline) => {
      expect(pipeline.pausedBecause).toBe(
        'Change 6 of 8 in the database was damaged. Saved: 4 items, where they last stood; the ' +
          'texts and histories of 2 of them are those of 2030-06-07 08:09 UTC; the damaged database ' +
          `is kept in ${join(state, 'damaged-20300607T080910Z')}`,
      )
      expect(pipeline.all()).toEqual(before)
      expect(pipeline.history(2).map(({ event, to }) => [event, to])).toEqual([
        ['create', 'backlog'],
        ['edit', 'done'],
      ])
    })
    expect(kept()).toEqual(['damaged-20300607T080910Z'])
    const copy = new Database(join(state, kept()[0] ?? '', 'pipeline.db'), { readonly: true })
    onTestFinished(() => void copy.close())
    expect(copy.prepare('SELECT count(*) FROM pipeline_journal').pluck().get()).toBe(8)
  })

  test('L44, L45: brings no deleted item back, and gives no number twice', () => {
    start(fill)
    sql('UPDATE pipeline_journal SET checksum = checksum + 1 WHERE seq = 5')
    start((pipeline) => {
      expect(pipeline.get(4)).toBeUndefined()
      expect(pipeline.history(4).at(-1)).toMatchObject({ event: 'delete', by: { id: 'repair' } })
      expect(pipeline.create({ type: 'bug', name: 'next' }, anna).id).toBe(6)
    })
  })

  test('is repaired once: the next start finds nothing, and a person goes on', () => {
    start(fill)
    sql('DELETE FROM pipeline_journal WHERE seq = 3')
    start((pipeline) => pipeline.setPaused(false, anna))
    start((pipeline) => {
      expect(pipeline.pausedBecause).toBeUndefined()
      expect(pipeline.all()).toHaveLength(4)
    })
    expect(kept()).toHaveLength(1)
  })
})

/** Leaves the files as a kill -9 leaves them: the newest changes are in the log only. */
function crash(use: (pipeline: DocumentPipeline, store: Store) => void): void {
  const copy = mkdtempSync(join(tmpdir(), 'crashed-'))
  onTestFinished(() => rmSync(copy, { recursive: true }))
  start((pipeline, store) => {
    use(pipeline, store)
    for (const name of readdirSync(state)) copyFileSync(join(state, name), join(copy, name))
  })
  for (const name of readdirSync(copy)) copyFileSync(join(copy, name), join(state, name))
}

describe('changes that are missing from the end', () => {
  test('are noticed when the log is gone, and say what is lost', () => {
    start((pipeline) => pipeline.create({ type: 'story', name: 'kept' }, anna))
    crash((pipeline) => {
      pipeline.create({ type: 'story', name: 'lost' }, anna)
      pipeline.apply(1, { type: 'start' }, anna)
    })
    rmSync(`${file}-wal`)
    start((pipeline) => {
      expect(pipeline.pausedBecause).toMatch(
        /^The newest 2 of 3 changes are missing from the database\. Saved: 1 item, as of 2030-06-07 08:09 UTC; /,
      )
      expect(pipeline.need(1).stage.kind).toBe('backlog')
      expect(() => pipeline.need(2)).toThrow('was deleted')
      expect(pipeline.history(2)[0]?.note).toBe('lost when the database was damaged')
      expect(pipeline.create({ type: 'story', name: 'next' }, anna).id).toBe(3)
    })
  })

  test('are noticed when somebody deletes the newest row', () => {
    start(fill)
    sql('DELETE FROM pipeline_journal WHERE seq = 8')
    start((pipeline) => {
      expect(pipeline.pausedBecause).toContain('The newest 1 of 8 changes are missing')
      expect(pipeline.need(5).name).toBe('the last')
    })
  })

  test('are noticed when an old copy is put in its place', () => {
    start((pipeline) => pipeline.create({ type: 'story', name: 'old' }, anna))
    copyFileSync(file, join(state, 'copy'))
    start((pipeline) => pipeline.create({ type: 'story', name: 'new' }, anna))
    copyFileSync(join(state, 'copy'), file)
    start((pipeline) => expect(pipeline.pausedBecause).toContain('The newest 1 of 2 changes'))
  })

  test('are no reason to begin anew when the whole file is gone', () => {
    start(fill)
    rmSync(file)
    expect(() => start(told)).toThrow(
      expect.objectContaining({
        code: 'nothing-saved',
        message: expect.stringContaining('remove pipeline.db and pipeline.head to begin anew'),
      }),
    )
    rmSync(join(state, 'pipeline.head'))
    expect(start(told).items).toEqual([])
  })

  test('are not suspected of a head that a power failure has torn', () => {
    const before = start((pipeline) => {
      fill(pipeline)
      return told(pipeline)
    })
    truncateSync(join(state, 'pipeline.head'), 5)
    expect(start(told)).toEqual(before)
    writeFileSync(join(state, 'pipeline.head'), '900 9')
    expect(start(told)).toEqual(before)
  })
})

describe('a file that SQLite cannot understand', () => {
  /** Overwrites the pages from the `from`th on, as a bad disk might. */
  function scribble(from: number, pages: number): void {
    const bytes = readFileSync(file)
    bytes.fill(0x5a, from * 4096, (from + pages) * 4096)
    writeFileSync(file, bytes)
  }

  /** The page on which the table's rows begin. */
  function pageOf(table: string): number {
    const db = new Database(file, { readonly: true })
    const sql = 'SELECT rootpage FROM sqlite_schema WHERE name = ?'
    const page = db.prepare<[string], number>(sql).pluck().get(table)
    db.close()
    return (page ?? 0) - 1
  }

  test('is replaced by what can be read of it, chat included', async () => {
    const { store, head } = openDatabase(state, now)
    fill(new DocumentPipeline(store, new FakeClock(now), silentLog, { maxRetries: 3, head }))
    await new StoredInbox(store).accept({
      ...{ transport: 'terminal', room: 'you', eventId: 'e1', sender: { id: 'a:b', name: 'B' } },
      ...{ text: 'hello', direct: true, addressed: true, at: 1 },
    })
    store.close()
    scribble(pageOf('pipeline_journal'), 1)
    start((pipeline, { db }) => {
      expect(pipeline.pausedBecause).toMatch(
        /^The database was damaged \(.*\), and rows of pipeline_journal are lost\. Saved: 4 items, where they last stood; the texts and histories of 4 of them are lost; /,
      )
      expect(pipeline.all().map(({ id, stage }) => [id, stage.kind])).toEqual([
        [1, 'coding'],
        [2, 'done'],
        [3, 'backlog'],
        [5, 'backlog'],
      ])
      expect(pipeline.create({ type: 'bug', name: 'next' }, anna).id).toBe(6)
      expect(db.prepare('SELECT text FROM inbox').pluck().all()).toEqual(['hello'])
      expect(db.pragma('quick_check', { simple: true })).toBe('ok')
    })
    expect(kept()).toHaveLength(1)
    expect(
      readdirSync(state)
        .filter((name) => name.startsWith('pipeline'))
        .sort(),
    ).toEqual(['pipeline.db', 'pipeline.head'])
  })

  test('is never begun anew by itself when nothing of it can be read', () => {
    start(fill)
    scribble(0, 1)
    const before = readFileSync(file)
    for (const _ of [1, 2])
      expect(() => start(told)).toThrow(
        expect.objectContaining({
          code: 'nothing-saved',
          message: expect.stringMatching(/^The database was damaged \(file is not a database\)/),
        }),
      )
    expect(readFileSync(file)).toEqual(before)
    expect(kept()).toEqual([])
    expect(readdirSync(state).sort()).toEqual(['pipeline.db', 'pipeline.head'])
  })

  test('is put right after a crash in the last step of that', () => {
    start(fill)
    crash((pipeline) => pipeline.create({ type: 'story', name: 'in the log' }, anna))
    copyFileSync(file, `${file}.rescued`)
    const db = new Database(`${file}.rescued`)
    db.pragma('journal_mode = DELETE')
    db.exec("UPDATE outbox SET text = ''")
    db.close()
    rmSync(join(state, 'pipeline.head'))
    // The log beside it is that of the damaged file, and must not be read into this one.
    expect(start(told).items).toHaveLength(4)
    expect(existsSync(`${file}.rescued`)).toBe(false)
  })
})

describe('any byte that changes on the disk', () => {
  /** Holds that after `damage` to a file the items say the same as before, or a sentence is told. */
  function survivor(name: string) {
    const whole = readdirSync(state).map((each) => [each, readFileSync(join(state, each))] as const)
    const restore = () => {
      for (const each of readdirSync(state)) rmSync(join(state, each), { recursive: true })
      for (const [each, bytes] of whole) writeFileSync(join(state, each), bytes)
    }
    const before = whatStands()
    return (damage: (bytes: Buffer) => Buffer) => {
      restore()
      writeFileSync(join(state, name), damage(readFileSync(join(state, name))))
      const after = whatStands()
      if (after.sentence === undefined) expect(after).toEqual(before)
      else expect(after.sentence).toMatch(/damaged|missing|gone/)
    }
  }

  function whatStands() {
    try {
      return start((pipeline) => {
        const { paused, ...rest } = told(pipeline)
        return { sentence: paused, ...rest }
      })
    } catch (error) {
      expect(error).toMatchObject({ name: 'Problem' })
      return { sentence: (error as Error).message }
    }
  }

  const spot = fc.record({
    at: fc.double({ min: 0, max: 0.999, noNaN: true }),
    mask: fc.integer({ min: 1, max: 255 }),
  })

  test('in the database leads to the same state or to a sentence, never to another state', () => {
    start((pipeline) => {
      fill(pipeline)
      for (let change = 0; change < 30; change += 1)
        pipeline.edit(3, { body: `text ${'x'.repeat(500)} ${change}` }, anna)
    })
    const survives = survivor('pipeline.db')
    fc.assert(
      fc.property(spot, ({ at, mask }) => {
        survives((bytes) => {
          const place = Math.floor(at * bytes.length)
          bytes.writeUInt8(bytes.readUInt8(place) ^ mask, place)
          return bytes
        })
      }),
      { numRuns: 60 },
    )
  })

  test('in the log, and a log that was cut anywhere, as well', () => {
    start(fill)
    crash((pipeline) => {
      for (let id = 6; id < 12; id += 1)
        pipeline.create({ type: 'story', name: `item ${id}`, body: 'x'.repeat(2_000) }, anna)
    })
    const survives = survivor('pipeline.db-wal')
    fc.assert(
      fc.property(spot, fc.boolean(), ({ at, mask }, cut) => {
        survives((bytes) => {
          const place = Math.floor(at * bytes.length)
          if (cut) return bytes.subarray(0, place)
          bytes.writeUInt8(bytes.readUInt8(place) ^ mask, place)
          return bytes
        })
      }),
      { numRuns: 60 },
    )
  })
})

test('rows of an older program, with its stage names and no journal, become items', () => {
  start((pipeline) => fill(pipeline))
  sql(`DELETE FROM pipeline_journal;
    UPDATE pipeline_items SET stage = '2_current', stage_json = '{}', status = 'blocked' WHERE id = 1;
    UPDATE pipeline_items SET stage = '6_archived', stage_json = '' WHERE id = 2`)
  rmSync(join(state, 'pipeline.head'))
  start((pipeline) => {
    expect(pipeline.all().map(({ id, stage }) => [id, stage.kind])).toEqual([
      [1, 'blocked'],
      [2, 'archived'],
      [3, 'backlog'],
      [5, 'backlog'],
    ])
    expect(pipeline.pausedBecause).toContain('Saved: 4 items')
  })
})
