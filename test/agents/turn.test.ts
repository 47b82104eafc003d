import { expect, it } from 'vitest'
import { World } from './world.ts'

it('carries an item from its start to the merge queue: claim, spawn, commit, gates', async () => {
  const world = new World()
  const { pipeline, runs, told } = world.start()
  const item = world.story()
  await world.until(() => pipeline.need(item.id).stage.kind === 'merge')

  expect(pipeline.need(item.id).stage).toMatchObject({
    work: { branch: 'feature/item-1', ahead: 1 },
  })
  expect(world.gates.runs).toEqual(['item-1'])
  expect(runs.active()).toEqual([])
  expect(runs.of(item.id)).toMatchObject([
    { id: 'r1', agent: 'coder-1', state: 'ended', attempt: 1, outcome: { kind: 'completed' } },
  ])
  expect(told.map(({ type }) => type)).toEqual(['started', 'output', 'finished'])
})

it('judges an agent of 50 ms within 150 ms of its end', async () => {
  const world = new World()
  const { pipeline } = world.start()
  const started = world.clock.now()
  const item = world.story()
  await world.until(() => pipeline.need(item.id).stage.kind === 'merge')
  expect(world.clock.now() - started).toBeLessThan(50 + 150)
})
