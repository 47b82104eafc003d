import { expect, test } from 'vitest'
import { itemTypes } from '../../src/pipeline/item.ts'
import { eventFor } from '../../src/pipeline/move.ts'
import { transition } from '../../src/pipeline/transition.ts'
import { stageKinds, stages } from './samples.ts'

test.each([
  ['backlog', 'coding', 'start'],
  ['upcoming', 'backlog', 'triage'],
  ['coding', 'backlog', 'demote'],
  ['blocked', 'coding', 'unblock'],
  ['qa', 'merge', 'qa-passed'],
  ['qa', 'coding', 'qa-failed'],
  ['review-hold', 'coding', 'reject'],
  ['review-hold', 'merge', 'approve'],
  ['review-hold', 'rejected', 'reject'],
  ['merge-failure', 'merge', 'start'],
  ['merge-failure', 'coding', 'fix-up'],
  ['done', 'archived', 'accept'],
  ['done', 'backlog', 'reopen'],
  ['frozen', 'coding', 'unfreeze'],
] as const)('moving from %s to %s by hand is %s', (from, to, event) => {
  expect(eventFor(stages[from], to, 'story')?.type).toBe(event)
})

test('no hand moves an item to where only work or a commit leads', () => {
  expect(eventFor(stages.backlog, 'merge', 'story')).toBeUndefined()
  expect(eventFor(stages.coding, 'qa', 'story')).toBeUndefined()
  expect(eventFor(stages.done, 'coding', 'story')).toBeUndefined()
  expect(eventFor(stages.backlog, 'coding', 'epic')).toBeUndefined()
})

test('whatever a move is mapped to is legal and leads to the stage that was asked for', () => {
  for (const type of itemTypes)
    for (const from of stageKinds)
      for (const to of stageKinds) {
        const event = eventFor(stages[from], to, type)
        if (!event) continue
        const context = { type, now: 0, returns: 0, maxReturns: 3 }
        expect(transition(stages[from], event, context)).toMatchObject({ stage: { kind: to } })
      }
})
