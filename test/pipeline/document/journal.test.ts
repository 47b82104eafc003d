import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PipelineDocument } from '../../../src/pipeline/document/document.ts'
import { Journal } from '../../../src/pipeline/document/journal.ts'
import { anna, project } from '../project.ts'
import { events } from '../samples.ts'

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
  return { ...started, journal: new Journal(store) }
}

test('L46: the journal is replayed in the order in which it was written, however it lies on disk', () => {
  const { store, pipeline, load, journal } = busy(40)
  const written = journal.read()
  const all = store.db.prepare<[], { seq: number }>('SELECT * FROM pipeline_journal').all()
  store.db.exec('DELETE FROM pipeline_journal')
  const insert = store.db.prepare(
    'INSERT INTO pipeline_journal VALUES (@seq, @first, @at, @checksum, @change)',
  )
  // A clock that was set back makes no difference either.
  for (const row of all.reverse()) insert.run({ ...row, at: -row.seq })
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

test('a row that the disk has changed, or lost, is never read over', () => {
  const { store, load, journal } = busy(20)
  const tamper = store.db.prepare('UPDATE pipeline_journal SET change = ? WHERE seq = 12')
  const [change] = journal.read().slice(11)
  for (const [index] of [...(change ?? [])].entries()) {
    const bytes = Buffer.from(change ?? [])
    bytes.writeUInt8(bytes.readUInt8(index) ^ 1, index)
    tamper.run(bytes)
    expect(journal.examine()).toMatchObject({ seq: 11, newest: 20 })
  }
  expect(load).toThrow(expect.objectContaining({ code: 'damaged-journal' }))
  store.db.exec('DELETE FROM pipeline_journal WHERE seq = 12')
  expect(journal.examine()).toMatchObject({ seq: 11, newest: 20 })
  store.db.exec('DELETE FROM pipeline_journal WHERE seq = 1')
  expect(journal.examine()).toMatchObject({ seq: 0, newest: 20, updates: [] })
})
