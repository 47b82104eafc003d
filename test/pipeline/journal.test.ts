import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PipelineDocument } from '../../src/pipeline/document.ts'
import { Journal } from '../../src/pipeline/journal.ts'
import { anna, project } from './project.ts'
import { events } from './samples.ts'

/** A project whose items have been through `changes` changes. */
function busy(changes: number) {
  const started = project()
  const { pipeline, store } = started
  store.transaction(() => {
    for (let id = 1; id <= 5; id += 1) pipeline.create({ type: 'story', name: `item ${id}` }, anna)
    for (let change = 5; change < changes; change += 1) {
      const id = (change % 5) + 1
      const frozen = pipeline.need(id).stage.kind === 'frozen'
      pipeline.apply(id, frozen ? events.unfreeze : events.freeze, anna)
    }
  })
  return { ...started, journal: new Journal(store.db) }
}

test('L46: the journal is replayed in the order in which it was written, however it lies on disk', () => {
  const { store, pipeline, load, journal } = busy(40)
  const written = journal.read()
  const all = store.db.prepare('SELECT seq, change FROM pipeline_journal').all() as {
    seq: number
    change: Buffer
  }[]
  store.db.exec('DELETE FROM pipeline_journal')
  const insert = store.db.prepare('INSERT INTO pipeline_journal VALUES (?, ?, ?)')
  // A clock that was set back makes no difference either.
  for (const { seq, change } of all.reverse()) insert.run(seq, change, -seq)
  expect(journal.read()).toEqual(written)
  expect(load().all()).toEqual(pipeline.all())
})

test('L46: updates that come in another order lose nothing, and a missing one is never ignored', () => {
  const { journal, pipeline } = busy(20)
  const updates = journal.read()
  const indices = updates.map((_, index) => index)
  fc.assert(
    fc.property(fc.shuffledSubarray(indices, { minLength: indices.length }), (order) => {
      const shuffled = order.flatMap((index) => updates[index] ?? [])
      expect(new PipelineDocument(shuffled).items()).toEqual(pipeline.all())
    }),
    { numRuns: 20 },
  )
  for (const missing of indices.slice(0, -1))
    expect(() => new PipelineDocument(updates.toSpliced(missing, 1))).toThrow('has a gap')
})

test('a long journal becomes one update at a start, and says what it said before', () => {
  const { pipeline, load, journal } = busy(1_200)
  pipeline.delete(5, anna)
  const reloaded = load()
  expect(journal.read()).toHaveLength(1)
  expect(reloaded.all()).toEqual(pipeline.all())
  expect(reloaded.history(1)).toEqual(pipeline.history(1))
  reloaded.apply(1, events.unfreeze, anna)
  expect(reloaded.create({ type: 'story', name: 'next' }, anna).id).toBe(6)
  expect(journal.read()).toHaveLength(3)
  expect(load().all()).toEqual(reloaded.all())
})

test('a short journal is left as it is', () => {
  const { load, journal } = busy(20)
  const before = journal.read()
  load()
  expect(journal.read()).toEqual(before)
})
