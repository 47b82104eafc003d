import { expect, test } from 'vitest'
import { startsByItself } from '../../src/pipeline/dependencies.ts'
import { anna, project } from './project.ts'
import { events } from './samples.ts'

/** Three stories, of which the last one, in coding, was deleted. */
function afterDeletion() {
  const started = project()
  const { pipeline, store } = started
  for (const name of ['a', 'b', 'c']) pipeline.create({ type: 'story', name }, anna)
  pipeline.apply(3, events.start, anna)
  pipeline.delete(3, anna)
  const rows = () => store.db.prepare('SELECT id FROM pipeline_items').pluck().all()
  return { ...started, rows }
}

test('L43: a deleted item leaves no row that looks alive, not after a restart either', () => {
  const { pipeline, load, rows } = afterDeletion()
  for (const reader of [pipeline, load()]) {
    expect(rows()).toEqual([1, 2])
    expect(reader.get(3)).toBeUndefined()
    expect(reader.inStage('coding')).toEqual([])
  }
})

test('L43: a row that a deletion left behind is removed at the next start', () => {
  const { store, load, rows } = afterDeletion()
  store.db.exec(`INSERT INTO live_items SELECT 3, type, name, 'coding', stage_json, 'coding',
    status, agent, retry_count, returns, depends_on, epic, qa, priority, origin, generation, created,
    updated FROM live_items WHERE id = 1`)
  load()
  expect(rows()).toEqual([1, 2])
})

test('L44: a deleted item does not come back by any late event, edit or restart', () => {
  const { pipeline, load } = afterDeletion()
  for (const reader of [pipeline, load()]) {
    for (const event of Object.values(events))
      expect(() => reader.apply(3, event, anna)).toThrow('was deleted')
    expect(() => reader.edit(3, { name: 'back' }, anna)).toThrow('was deleted')
    expect(() => reader.delete(3, anna)).toThrow('was deleted')
    expect(reader.get(3)).toBeUndefined()
  }
  expect(
    load()
      .all()
      .map(({ id }) => id),
  ).toEqual([1, 2])
})

test('L45: the number of a deleted item is never given again', () => {
  const { pipeline, load } = afterDeletion()
  expect(pipeline.create({ type: 'story', name: 'd' }, anna).id).toBe(4)
  pipeline.delete(4, anna)
  const reloaded = load()
  expect(reloaded.create({ type: 'story', name: 'e' }, anna).id).toBe(5)
  for (const { id } of reloaded.all()) reloaded.delete(id, anna)
  expect(load().create({ type: 'story', name: 'f' }, anna).id).toBe(6)
})

test('what depends on a deleted item stays, says so, and never starts by itself', () => {
  const { pipeline } = afterDeletion()
  pipeline.edit(2, { dependsOn: [1] }, anna)
  pipeline.delete(1, anna)
  const dependent = pipeline.need(2)
  expect(startsByItself(dependent, (id) => pipeline.get(id))).toBe(false)
  expect(pipeline.edit(2, { name: 'still editable' }, anna).dependsOn).toEqual([1])
  expect(pipeline.apply(2, events.start, anna).stage.kind).toBe('coding')
})
