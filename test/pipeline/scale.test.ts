import { expect, test } from 'vitest'
import { rowOf } from '../../src/pipeline/document/projection.ts'
import type { Pipeline } from '../../src/pipeline/pipeline.ts'
import { DependencyPromotion } from '../../src/pipeline/reconcilers/dependency-promotion.ts'
import { anna, project } from './project.ts'
import { events } from './samples.ts'

/** A project of `count` items, of which every second one waits for the one before it. */
function large(count: number) {
  const started = project()
  const { pipeline, store } = started
  store.transaction(() => {
    for (let id = 1; id <= count; id += 1) {
      const dependsOn = id % 2 === 0 ? [id - 1] : []
      pipeline.create({ type: 'story', name: `item ${id}`, dependsOn }, anna)
    }
  })
  return started
}

const text = (pipeline: Pipeline) => JSON.stringify(pipeline.all().map(rowOf))

test.each([1_000, 10_000])(
  'L38: a start with %i items tells no notices, and who heard none reads all of it from state',
  (count) => {
    const { pipeline, store, load } = large(count)
    store.transaction(() => {
      for (let id = 1; id <= 99; id += 2) pipeline.apply(id, events.close, anna)
    })
    const reloaded = load()
    const told: number[] = []
    reloaded.changed.listen((id) => told.push(id))
    // Compared as text, because a deep comparison takes seconds here.
    expect(text(reloaded) === text(pipeline)).toBe(true)
    expect(new DependencyPromotion(reloaded).keys()).toHaveLength(50)
    expect(told).toEqual([])
  },
)

test('L38: a slow listener that is given every notice late misses nothing in the state', () => {
  const { pipeline } = large(1_000)
  const late: number[] = []
  pipeline.changed.listen((id) => late.push(id))
  for (const { id } of pipeline.all()) pipeline.apply(id, events.start, anna)
  for (const { id } of pipeline.all()) pipeline.apply(id, events.close, anna)
  expect(late).toHaveLength(2_000)
  expect(late.every((id) => pipeline.need(id).stage.kind === 'done')).toBe(true)
})

test('L47: rows and memory are computed from the document and from nothing else', () => {
  const { pipeline, store, load } = large(1_000)
  store.db.exec('DELETE FROM live_items')
  const reloaded = load()
  expect(reloaded.all()).toEqual(pipeline.all())
  expect(store.db.prepare('SELECT count(*) FROM pipeline_items').pluck().get()).toBe(1_000)
})
