import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PipelineDocument } from '../../../src/pipeline/document/document.ts'
import { Journal } from '../../../src/pipeline/document/journal.ts'
import { JournalHead } from '../../../src/pipeline/document/journal-head.ts'
import {
  type MakeSnapshot,
  snapshotApart,
  snapshotHere,
} from '../../../src/pipeline/document/snapshot.ts'
import { JournalCompaction } from '../../../src/pipeline/reconcilers/journal-compaction.ts'
import { anna, project } from '../project.ts'
import { events } from '../samples.ts'

const signal = new AbortController().signal

/** A project whose items have been through `changes` changes, and what keeps its journal short. */
function busy(changes: number, makeSnapshot?: MakeSnapshot) {
  const started = project()
  const { pipeline, store, clock } = started
  store.transaction(() => {
    for (let id = 1; id <= 5; id += 1) pipeline.create({ type: 'story', name: `item ${id}` }, anna)
    for (let change = 5; change < changes; change += 1) {
      const id = (change % 5) + 1
      const frozen = pipeline.need(id).stage.kind === 'frozen'
      pipeline.apply(id, frozen ? events.unfreeze : events.freeze, anna)
    }
  })
  const journal = new Journal(store)
  const parts = {
    ...{ journal, clock, longestJournal: 30, renewIfWorn: () => false },
    ...(makeSnapshot && { makeSnapshot }),
  }
  return { ...started, journal, compaction: new JournalCompaction(parts) }
}

/** What the project says, numbers that are taken included. */
function told(load: () => ReturnType<typeof project>['pipeline']) {
  const pipeline = load()
  return {
    items: pipeline.all(),
    histories: [1, 2, 3, 4, 5].map((id) => pipeline.history(id)),
    paused: pipeline.paused,
  }
}

describe.each([
  ['in this thread', snapshotHere],
  ['in a thread of its own', snapshotApart],
])('a long journal, compacted %s', (_, makeSnapshot) => {
  test('becomes one update that says all that it said, and goes on from there', async () => {
    const { pipeline, load, journal, compaction, store } = busy(40, makeSnapshot)
    pipeline.delete(5, anna)
    pipeline.setPaused(true, anna)
    const before = told(load)
    expect([...compaction.keys()]).toEqual(['journal'])
    await compaction.reconcile('journal', signal)
    expect(journal.length).toBe(1)
    expect(journal.newest).toBe(42)
    expect(told(load)).toEqual(before)
    expect([...compaction.keys()]).toEqual([])
    const next = pipeline.create({ type: 'story', name: 'next' }, anna)
    expect(next.id).toBe(6)
    expect(load().all()).toEqual(pipeline.all())
    expect(store.db.prepare('SELECT seq, first FROM pipeline_journal').raw().all()).toEqual([
      [42, 1],
      [43, 43],
    ])
  })
})

test('what is changed while the snapshot is made stays behind it', async () => {
  const { pipeline, load, journal, compaction } = busy(40, async (updates, aborted) => {
    pipeline.apply(2, events.unfreeze, anna)
    const snapshot = await snapshotHere(updates, aborted)
    pipeline.apply(3, events.unfreeze, anna)
    return snapshot
  })
  await compaction.reconcile('journal', signal)
  expect(journal.length).toBe(3)
  expect(load().all()).toEqual(pipeline.all())
  expect(load().need(2).stage.kind).toBe('backlog')
})

test('a journal of everyday length is left alone, also when it is asked about again', async () => {
  const { journal, compaction } = busy(30)
  const before = journal.read()
  expect([...compaction.keys()]).toEqual([])
  await compaction.reconcile('journal', signal)
  expect(journal.read()).toEqual(before)
})

test('a damaged journal is never compacted, so that what can be saved is still there', async () => {
  const { store, journal, compaction } = busy(40)
  store.db.exec("UPDATE pipeline_journal SET change = x'00' WHERE seq = 20")
  await expect(compaction.reconcile('journal', signal)).rejects.toThrow('Change 20 of 40')
  expect(journal.length).toBe(40)
})

test('a compaction that cannot be stored has removed nothing', async () => {
  const { store, journal, compaction, load } = busy(40)
  const before = told(load)
  store.db.exec(
    "CREATE TRIGGER full AFTER INSERT ON pipeline_journal BEGIN SELECT RAISE(ABORT, 'full'); END",
  )
  await expect(compaction.reconcile('journal', signal)).rejects.toThrow('full')
  expect(journal.length).toBe(40)
  expect(told(load)).toEqual(before)
})

test('a stop of the program ends the thread that makes the snapshot', async () => {
  const { journal, compaction } = busy(40, snapshotApart)
  const stopping = new AbortController()
  const compacted = compaction.reconcile('journal', stopping.signal)
  stopping.abort(new Error('stopping'))
  await expect(compacted).rejects.toThrow('stopping')
  expect(journal.length).toBe(40)
})

test('the head beside the database follows every commit, and no rollback', () => {
  const folder = mkdtempSync(join(tmpdir(), 'head-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const head = new JournalHead(join(folder, 'head'))
  expect(head.read()).toBeUndefined()
  const { store } = project()
  const journal = new Journal(store, head)
  const change = new PipelineDocument([]).snapshot()
  const append = (number: number) => store.transaction(() => journal.append(change, 0, number))
  append(1)
  expect(head.read()).toEqual({ seq: 1, number: 1 })
  const undone = () =>
    store.transaction(() => {
      append(2)
      throw new Error('undone')
    })
  expect(undone).toThrow('undone')
  store.transaction(() => {
    append(2)
    expect(undone).toThrow('undone')
    expect(head.read()).toEqual({ seq: 1, number: 1 })
  })
  expect(head.read()).toEqual({ seq: 2, number: 2 })
  append(3)
  expect(head.read()).toEqual({ seq: 3, number: 3 })
})
