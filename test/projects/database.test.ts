import {
  copyFileSync,
  existsSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { StoredInbox } from '../../src/bot/inbox.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import { openDatabase } from '../../src/projects/database.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { anna, fill, now, StateFolder, told } from './state-folder.ts'

let folder: StateFolder

beforeEach(() => {
  folder = new StateFolder()
})

const kept = () => folder.names().filter((name) => name.startsWith('damaged-'))

function sql(text: string): void {
  const db = new Database(folder.file)
  db.exec(text)
  db.close()
}

describe('a database that is sound', () => {
  test('is made where there is none, and opened again as it was', () => {
    const before = folder.start((pipeline) => {
      fill(pipeline)
      return told(pipeline)
    })
    expect(folder.start(told)).toEqual(before)
    expect(before.sentence).toBeUndefined()
    expect(folder.names()).toEqual(['pipeline.db', 'pipeline.head'])
  })
})

describe('a journal that the disk has changed', () => {
  test('is kept aside; every item stands where it stood, and people are told what is older', () => {
    const before = folder.start((pipeline) => {
      fill(pipeline)
      return pipeline.all()
    })
    sql('UPDATE pipeline_journal SET change = zeroblob(9) WHERE seq = 6')
    folder.start((pipeline) => {
      expect(pipeline.pausedBecause).toBe(
        'Change 6 of 8 in the database was damaged. Saved: 4 items, where they last stood; the ' +
          'texts and histories of 2 of them are those of 2030-06-07 08:09 UTC; the damaged database ' +
          `is kept in ${join(folder.path, 'damaged-20300607T080910Z')}`,
      )
      expect(pipeline.all()).toEqual(before)
      expect(pipeline.history(2).map(({ event, to }) => [event, to])).toEqual([
        ['create', 'backlog'],
        ['edit', 'done'],
      ])
    })
    expect(kept()).toEqual(['damaged-20300607T080910Z'])
    const copy = new Database(join(folder.path, kept()[0] ?? '', 'pipeline.db'), { readonly: true })
    onTestFinished(() => void copy.close())
    expect(copy.prepare('SELECT count(*) FROM pipeline_journal').pluck().get()).toBe(8)
  })

  test('L44, L45: brings no deleted item back, and gives no number twice', () => {
    folder.start(fill)
    sql('UPDATE pipeline_journal SET checksum = checksum + 1 WHERE seq = 5')
    folder.start((pipeline) => {
      expect(pipeline.get(4)).toBeUndefined()
      expect(pipeline.history(4).at(-1)).toMatchObject({ event: 'delete', by: { id: 'repair' } })
      expect(pipeline.create({ type: 'bug', name: 'next' }, anna).id).toBe(6)
    })
  })

  test('is repaired once: the next start finds nothing, and a person goes on', () => {
    folder.start(fill)
    sql('DELETE FROM pipeline_journal WHERE seq = 3')
    folder.start((pipeline) => pipeline.setPaused(false, anna))
    folder.start((pipeline) => {
      expect(pipeline.pausedBecause).toBeUndefined()
      expect(pipeline.all()).toHaveLength(4)
    })
    expect(kept()).toHaveLength(1)
  })
})

test('a journal that is damaged loses nothing of what is archived', () => {
  folder.start((pipeline) => {
    fill(pipeline)
    pipeline.apply(2, { type: 'accept' }, anna)
    pipeline.edit(1, { body: 'later' }, anna)
  })
  const archived = folder.start((pipeline) => [pipeline.get(2), pipeline.history(2)])
  sql('UPDATE pipeline_journal SET change = zeroblob(9) WHERE seq = 3')
  folder.start((pipeline) => {
    expect(pipeline.pausedBecause).toContain('Change 3 of 10 in the database was damaged')
    expect([pipeline.get(2), pipeline.history(2)]).toEqual(archived)
    expect(pipeline.live().map(({ id }) => id)).toEqual([1, 3, 5])
    expect(pipeline.create({ type: 'bug', name: 'next' }, anna).id).toBe(6)
    pipeline.apply(2, { type: 'reopen' }, anna)
  })
  folder.start((pipeline) => expect(pipeline.history(2).at(-1)?.event).toBe('reopen'))
})

describe('changes that are missing from the end', () => {
  test('are noticed when the log is gone, and say what is lost', () => {
    folder.start((pipeline) => pipeline.create({ type: 'story', name: 'kept' }, anna))
    folder.crash((pipeline) => {
      pipeline.create({ type: 'story', name: 'lost' }, anna)
      pipeline.apply(1, { type: 'start' }, anna)
    })
    rmSync(`${folder.file}-wal`)
    folder.start((pipeline) => {
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
    folder.start(fill)
    sql('DELETE FROM pipeline_journal WHERE seq = 8')
    folder.start((pipeline) => {
      expect(pipeline.pausedBecause).toContain('The newest 1 of 8 changes are missing')
      expect(pipeline.need(5).name).toBe('the last')
    })
  })

  test('are noticed when an old copy is put in its place', () => {
    folder.start((pipeline) => pipeline.create({ type: 'story', name: 'old' }, anna))
    copyFileSync(folder.file, join(folder.path, 'copy'))
    folder.start((pipeline) => pipeline.create({ type: 'story', name: 'new' }, anna))
    copyFileSync(join(folder.path, 'copy'), folder.file)
    folder.start((pipeline) =>
      expect(pipeline.pausedBecause).toContain('The newest 1 of 2 changes'),
    )
  })

  test('are no reason to begin anew when the whole file is gone', () => {
    folder.start(fill)
    rmSync(folder.file)
    expect(() => folder.start(told)).toThrow(
      expect.objectContaining({
        code: 'nothing-saved',
        message: expect.stringContaining('remove pipeline.db and pipeline.head to begin anew'),
      }),
    )
    rmSync(join(folder.path, 'pipeline.head'))
    expect(folder.start(told).items).toEqual([])
  })

  test('are not suspected of a head that a power failure has torn', () => {
    const before = folder.start((pipeline) => {
      fill(pipeline)
      return told(pipeline)
    })
    truncateSync(join(folder.path, 'pipeline.head'), 5)
    expect(folder.start(told)).toEqual(before)
    writeFileSync(join(folder.path, 'pipeline.head'), '900 9')
    expect(folder.start(told)).toEqual(before)
  })
})

describe('a file that SQLite cannot understand', () => {
  /** Overwrites the pages from the `from`th on, as a bad disk might. */
  function scribble(from: number, pages: number): void {
    const bytes = readFileSync(folder.file)
    bytes.fill(0x5a, from * 4096, (from + pages) * 4096)
    writeFileSync(folder.file, bytes)
  }

  /** The page on which the table's rows begin. */
  function pageOf(table: string): number {
    const db = new Database(folder.file, { readonly: true })
    const sql = 'SELECT rootpage FROM sqlite_schema WHERE name = ?'
    const page = db.prepare<[string], number>(sql).pluck().get(table)
    db.close()
    return (page ?? 0) - 1
  }

  test('is replaced by what can be read of it, chat included', async () => {
    const { store, head } = openDatabase(folder.path, now)
    fill(new DocumentPipeline(store, new FakeClock(now), silentLog, { maxRetries: 3, head }))
    await new StoredInbox(store).accept({
      ...{ transport: 'terminal', room: 'you', eventId: 'e1', sender: { id: 'a:b', name: 'B' } },
      ...{ text: 'hello', direct: true, addressed: true, at: 1 },
    })
    store.db.exec("INSERT INTO ambient_rooms (transport, room) VALUES ('terminal', 'you')")
    store.close()
    scribble(pageOf('pipeline_journal'), 1)
    folder.start((pipeline, { db }) => {
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
      expect(db.prepare('SELECT room FROM ambient_rooms').pluck().all()).toEqual(['you'])
      expect(db.pragma('quick_check', { simple: true })).toBe('ok')
    })
    expect(kept()).toHaveLength(1)
    expect(
      folder
        .names()
        .filter((name) => name.startsWith('pipeline'))
        .sort(),
    ).toEqual(['pipeline.db', 'pipeline.head'])
  })

  test('loses of its archive only what cannot be read, and says so', () => {
    folder.start((pipeline) => {
      fill(pipeline)
      for (const id of [3, 5]) pipeline.apply(id, { type: 'close' }, anna)
      for (const id of [2, 3, 5]) pipeline.apply(id, { type: 'accept' }, anna)
      expect(pipeline.live().map(({ id }) => id)).toEqual([1])
    })
    scribble(pageOf('archived_items'), 1)
    folder.start((pipeline) => {
      expect(pipeline.pausedBecause).toMatch(/and rows of archived_items are lost\. Saved: 1 item,/)
      expect(pipeline.all().map(({ id, stage }) => [id, stage.kind])).toEqual([[1, 'coding']])
      expect(() => pipeline.need(3)).toThrow('was deleted')
      expect(pipeline.history(3)[0]?.note).toBe('lost when the database was damaged')
      expect(pipeline.create({ type: 'bug', name: 'next' }, anna).id).toBe(6)
    })
  })

  test('is never begun anew by itself when nothing of it can be read', () => {
    folder.start(fill)
    scribble(0, 1)
    const before = readFileSync(folder.file)
    for (const _ of [1, 2])
      expect(() => folder.start(told)).toThrow(
        expect.objectContaining({
          code: 'nothing-saved',
          message: expect.stringMatching(/^The database was damaged \(file is not a database\)/),
        }),
      )
    expect(readFileSync(folder.file)).toEqual(before)
    expect(kept()).toEqual([])
    expect(folder.names()).toEqual(['pipeline.db', 'pipeline.head'])
  })

  test('is put right after a crash in the last step of that', () => {
    folder.start(fill)
    folder.crash((pipeline) => pipeline.create({ type: 'story', name: 'in the log' }, anna))
    copyFileSync(folder.file, `${folder.file}.rescued`)
    const db = new Database(`${folder.file}.rescued`)
    db.pragma('journal_mode = DELETE')
    db.exec("UPDATE outbox SET text = ''")
    db.close()
    rmSync(join(folder.path, 'pipeline.head'))
    // The log beside it is that of the damaged folder.file, and must not be read into this one.
    expect(folder.start(told).items).toHaveLength(4)
    expect(existsSync(`${folder.file}.rescued`)).toBe(false)
  })
})

test('rows of an older program, with its stage names and no journal, become items', () => {
  folder.start((pipeline) => fill(pipeline))
  sql(`DELETE FROM pipeline_journal;
    UPDATE live_items SET stage = '2_current', stage_json = '{}', status = 'blocked' WHERE id = 1;
    UPDATE live_items SET stage = '6_archived', stage_json = '' WHERE id = 2`)
  rmSync(join(folder.path, 'pipeline.head'))
  folder.start((pipeline) => {
    expect(pipeline.all().map(({ id, stage }) => [id, stage.kind])).toEqual([
      [1, 'blocked'],
      [2, 'archived'],
      [3, 'backlog'],
      [5, 'backlog'],
    ])
    expect(pipeline.pausedBecause).toContain('Saved: 4 items')
  })
})
