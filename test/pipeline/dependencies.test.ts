import { expect, test } from 'vitest'
import { dependencyState, startsByItself } from '../../src/pipeline/dependencies.ts'
import type { Stage } from '../../src/pipeline/stage.ts'
import { itemWith, stages } from './samples.ts'

const dependent = itemWith({ id: 2, dependsOn: [1], created: 1_000 })

/** What #2 says of #1 in `stage`; of a deleted #1 without one. */
function stateWith(stage?: Stage) {
  return dependencyState(dependent, (id) => (stage && id === 1 ? itemWith({ stage }) : undefined))
}

const archived = (from: Stage, at = 2_000): Stage => ({ kind: 'archived', at, reason: '', from })

test.each([
  ['done', stages.done],
  ['frozen after it was done', { kind: 'frozen', resumeTo: stages.done }],
  ['archived as completed', archived(stages.done)],
] as const)('a dependency that is %s is satisfied', (_, stage) => {
  expect(stateWith(stage)).toEqual({ open: [], never: [], warnings: [] })
})

test.each([
  ['upcoming', stages.upcoming],
  ['in coding', stages.coding],
  ['blocked', stages.blocked],
  ['held for review', stages['review-hold']],
  ['frozen', stages.frozen],
  ['failed in merge for good', stages['merge-failure-final']],
] as const)('a dependency that is %s is open', (_, stage) => {
  expect(stateWith(stage)).toEqual({ open: [1], never: [], warnings: [] })
})

test.each([
  [stages.abandoned, '#1 was abandoned.'],
  [stages.superseded, '#1 was superseded by #9.'],
  [stages.rejected, '#1 was rejected.'],
  [archived(stages.abandoned), '#1 was abandoned.'],
  [archived(stages.abandoned, 500), '#1 was abandoned.'],
  [archived(stages.backlog), '#1 was archived before it was done.'],
  [archived(stages.blocked, 500), '#1 was archived before it was done.'],
  [undefined, '#1 was deleted.'],
])('a dependency that can never be satisfied says so: %j', (stage, why) => {
  expect(stateWith(stage)).toEqual({ open: [], never: [{ id: 1, why }], warnings: [] })
})

test.each([stages.done, stages.backlog])(
  'a dependency that was archived before the item existed satisfies with a warning: %j',
  (from) => {
    expect(stateWith(archived(from, 500))).toEqual({
      open: [],
      never: [],
      warnings: ['#1 was archived already when this item was created, and counts as done.'],
    })
  },
)

test('an item starts by itself when all of its dependencies are satisfied', () => {
  const stagesOf: readonly Stage[] = [stages.done, stages.done]
  const find = (all: readonly Stage[]) => (id: number) => {
    const stage = all[id - 1]
    return stage && itemWith({ id, stage })
  }
  const item = itemWith({ id: 3, dependsOn: [1, 2] })
  expect(startsByItself(item, find(stagesOf))).toBe(true)
  expect(startsByItself({ ...item, stage: stages.upcoming }, find(stagesOf))).toBe(true)
  expect(startsByItself(item, find([stages.done, stages.coding]))).toBe(false)
  expect(startsByItself(item, find([stages.done, stages.rejected]))).toBe(false)
})

test.each([
  ['without dependencies', { dependsOn: [] }],
  ['that is an epic', { type: 'epic' }],
  ['that was put back by hand', { stage: { kind: 'backlog', manual: true } }],
  ['that is frozen', { stage: { kind: 'frozen', resumeTo: stages.backlog } }],
  ['that runs already', { stage: stages.coding }],
] as const)('an item %s waits for a person', (_, fields) => {
  const find = () => itemWith({ stage: stages.done })
  expect(startsByItself({ ...dependent, ...fields }, find)).toBe(false)
})
