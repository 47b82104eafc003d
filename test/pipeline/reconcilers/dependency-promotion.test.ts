import { expect, test } from 'vitest'
import { DependencyPromotion } from '../../../src/pipeline/reconcilers/dependency-promotion.ts'
import { anna, project } from '../project.ts'
import { events } from '../samples.ts'

/** #3 waits for #1 and #2; #4 is an epic that does. */
function waiting() {
  const started = project()
  const { pipeline } = started
  for (const name of ['a', 'b']) pipeline.create({ type: 'story', name }, anna)
  pipeline.create({ type: 'story', name: 'c', dependsOn: [1, 2] }, anna)
  pipeline.create({ type: 'epic', name: 'd', dependsOn: [1, 2] }, anna)
  return { ...started, promotion: new DependencyPromotion(pipeline) }
}

test('an item starts when the last of its dependencies is done, and an epic does not', async () => {
  const { pipeline, promotion } = waiting()
  pipeline.apply(1, events.close, anna)
  expect(promotion.keys()).toEqual([])
  expect(promotion.keysOf(1)).toEqual([])
  pipeline.apply(2, events.close, anna)
  expect(promotion.keys()).toEqual(['3'])
  expect(promotion.keysOf(2)).toEqual(['3'])
  await promotion.reconcile('3')
  expect(pipeline.need(3).stage.kind).toBe('coding')
  expect(pipeline.history(3).at(-1)).toMatchObject({
    event: 'dependencies-met',
    by: { kind: 'system', id: 'dependency-promotion' },
  })
})

test('a second run, a key that is out of date and one that was deleted change nothing', async () => {
  const { pipeline, promotion } = waiting()
  for (const id of [1, 2]) pipeline.apply(id, events.close, anna)
  await promotion.reconcile('3')
  const after = pipeline.all()
  pipeline.delete(1, anna)
  for (const key of ['3', '3', '1', '4', '99']) await promotion.reconcile(key)
  expect(pipeline.all()).toEqual(after.filter(({ id }) => id !== 1))
})

test('an item whose dependency was deleted or rejected does not start', () => {
  const { pipeline, promotion } = waiting()
  pipeline.apply(1, events.close, anna)
  pipeline.delete(2, anna)
  expect(promotion.keys()).toEqual([])
})

test('L48: an item that a person put back is not started again by dependencies of old', async () => {
  const { pipeline, promotion } = waiting()
  for (const id of [1, 2]) pipeline.apply(id, events.close, anna)
  await promotion.reconcile('3')
  pipeline.apply(3, events.demote, anna)
  expect(promotion.keys()).toEqual([])
  pipeline.apply(3, events.close, anna)
  pipeline.apply(3, events.reopen, anna)
  expect(promotion.keys()).toEqual([])
  await promotion.reconcile('3')
  expect(pipeline.need(3).stage.kind).toBe('backlog')
})
