import { expect, test } from 'vitest'
import { anna, project } from './project.ts'

test('an item that was created is there after a restart, with all its fields', () => {
  const { pipeline, load } = project()
  const body = 'Say hello.\n- [ ] it says hello\n- [x] politely'
  pipeline.create({ type: 'epic', name: 'Manners' }, anna)
  const created = pipeline.create(
    { type: 'story', name: ' Greet ', body, agent: 'rex', qa: 'human', priority: 'high', epic: 1 },
    anna,
  )
  expect(created).toMatchObject({ id: 2, name: 'Greet', origin: anna, created: 1_000, epic: 1 })
  expect(created.criteria).toEqual([
    { text: 'it says hello', met: false },
    { text: 'politely', met: true },
  ])
  expect(load().all()).toEqual(pipeline.all())
  expect(load().get(2)).toEqual(created)
})

test('a start moves an item to coding, in its history with who did it', () => {
  const { pipeline, load } = project()
  pipeline.create({ type: 'story', name: 'Greet' }, anna)
  expect(pipeline.apply(1, { type: 'start' }, anna).stage).toEqual({ kind: 'coding', retries: 0 })
  expect(load().history(1)).toEqual([
    { at: 1_000, by: anna, event: 'create', to: 'backlog' },
    { at: 1_000, by: anna, event: 'start', from: 'backlog', to: 'coding' },
  ])
})
