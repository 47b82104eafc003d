import { expect, test } from 'vitest'
import { silentLog } from '../../../src/kernel/log.ts'
import { DependencyPromotion } from '../../../src/pipeline/reconcilers/dependency-promotion.ts'
import { DoneSweep } from '../../../src/pipeline/reconcilers/done-sweep.ts'
import { ReconcilerEngine } from '../../../src/pipeline/reconcilers/engine.ts'
import { elapse } from '../../support/elapse.ts'
import { anna, project } from '../project.ts'
import { events } from '../samples.ts'

const hour = 3_600_000

/** Three items, the first of which is done. */
function sweeping({ retentionMs = 4 * hour, intervalMs = 1 } = {}) {
  const started = project()
  const { store, pipeline, clock } = started
  for (const name of ['a', 'b', 'c']) pipeline.create({ type: 'story', name }, anna)
  pipeline.apply(1, events.close, anna)
  const sweep = new DoneSweep({ store, pipeline, clock, retentionMs, intervalMs })
  return { ...started, sweep, stage: (id: number) => pipeline.need(id).stage.kind }
}

test('what is done is archived when its time is over, and not before', async () => {
  const { sweep, clock, pipeline, stage } = sweeping()
  clock.advance(hour)
  pipeline.apply(2, events.close, anna)
  expect(await sweep.reconcile()).toEqual({ afterMs: hour })
  clock.advance(3 * hour - 1)
  expect(await sweep.reconcile()).toEqual({ afterMs: 1 })
  expect(stage(1)).toBe('done')
  clock.advance(1)
  expect(await sweep.reconcile()).toEqual({ afterMs: hour })
  expect([stage(1), stage(2), stage(3)]).toEqual(['archived', 'done', 'backlog'])
  expect(pipeline.history(1).at(-1)).toMatchObject({
    event: 'archive',
    by: { kind: 'system', id: 'done-sweep' },
  })
  clock.advance(hour)
  expect(await sweep.reconcile()).toBeUndefined()
  expect(sweep.keys()).toEqual([])
})

test('a second run changes nothing, and what a person froze or reopened is left to them', async () => {
  const { sweep, clock, pipeline, stage } = sweeping()
  pipeline.apply(2, events.close, anna)
  pipeline.apply(2, events.freeze, anna)
  pipeline.apply(3, events.close, anna)
  pipeline.apply(3, events.reopen, anna)
  clock.advance(5 * hour)
  await sweep.reconcile()
  const after = pipeline.all()
  await sweep.reconcile()
  expect(pipeline.all()).toEqual(after)
  expect([stage(1), stage(2), stage(3)]).toEqual(['archived', 'frozen', 'backlog'])
})

test('L48: what was swept counts as completed for what depends on it, and nothing starts it again', async () => {
  const { sweep, clock, pipeline, stage } = sweeping()
  pipeline.edit(2, { dependsOn: [1] }, anna)
  clock.advance(5 * hour)
  await sweep.reconcile()
  const promotion = new DependencyPromotion(pipeline)
  for (const key of promotion.keys()) await promotion.reconcile(key)
  expect([stage(1), stage(2)]).toEqual(['archived', 'coding'])
  expect(() => pipeline.apply(1, events.start, anna)).toThrow(/not possible/)
})

test('the engine sweeps at the very moment, also what came due while no program ran', async () => {
  const { sweep, clock, pipeline, stage } = sweeping()
  clock.advance(10 * hour)
  const engine = new ReconcilerEngine({ clock, log: silentLog, random: () => 0.5 }, 24 * hour)
  engine.add(sweep)
  pipeline.changed.listen((item) => engine.hint(item))
  engine.start()
  await engine.whenIdle()
  expect(stage(1)).toBe('archived')
  pipeline.apply(2, events.close, anna)
  await elapse(clock, 4 * hour - 1)
  expect(stage(2)).toBe('done')
  await elapse(clock, 1)
  expect(stage(2)).toBe('archived')
  await engine.stop()
})

test('after a long absence the many that are due go in parts, each soon after the other', async () => {
  const { sweep, clock, pipeline, store } = sweeping()
  store.transaction(() => {
    for (let id = 4; id <= 250; id++) {
      pipeline.create({ type: 'story', name: 'x' }, anna)
      pipeline.apply(id, events.close, anna)
    }
  })
  clock.advance(5 * hour)
  expect(await sweep.reconcile()).toEqual({ afterMs: 0 })
  expect(pipeline.live()).toHaveLength(50)
  expect(await sweep.reconcile()).toBeUndefined()
  expect(pipeline.live()).toHaveLength(2)
})

test('a time of many weeks is waited for without a timer that a machine cannot set', async () => {
  const { sweep } = sweeping({ retentionMs: 100 * 24 * hour })
  expect(await sweep.reconcile()).toEqual({ afterMs: hour })
})

test('what comes due closely is archived together, no oftener than the project wants', async () => {
  const { sweep, clock, pipeline, stage } = sweeping({ intervalMs: 60_000 })
  clock.advance(1_000)
  pipeline.apply(2, events.close, anna)
  clock.advance(4 * hour - 1_000)
  expect(await sweep.reconcile()).toEqual({ afterMs: 60_000 })
  expect([stage(1), stage(2)]).toEqual(['archived', 'done'])
  clock.advance(60_000)
  expect(await sweep.reconcile()).toBeUndefined()
  expect(stage(2)).toBe('archived')
})
