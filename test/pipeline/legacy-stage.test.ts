import fc from 'fast-check'
import { expect, test } from 'vitest'
import { badgeOf, columnOf } from '../../src/pipeline/columns.ts'
import { itemOf } from '../../src/pipeline/document/item-schema.ts'
import { rowOf } from '../../src/pipeline/document/projection.ts'
import { stageSchema } from '../../src/pipeline/document/stage-schema.ts'
import { readLegacyStage } from '../../src/pipeline/legacy-stage.ts'
import type { Stage } from '../../src/pipeline/stage.ts'
import { itemWith, stages } from './samples.ts'

const read = (name: string, badge?: string, reason?: string) =>
  readLegacyStage({ name, badge, reason, at: 5, item: { id: 7, generation: 1 } })
const work = { branch: 'feature/item-7', ahead: 1 }
const coding = { kind: 'coding', retries: 0 }

test.each<[string, object]>([
  ['1_upcoming', { kind: 'upcoming' }],
  ['1_backlog', { kind: 'backlog' }],
  ['2_current', coding],
  ['current', coding],
  ['3_qa', { kind: 'qa', retries: 0, work }],
  ['4_merge', { kind: 'merge', retries: 0, since: 5, work }],
  ['5_done', { kind: 'done', at: 5 }],
  ['6_archived', { kind: 'archived', at: 5, from: { kind: 'done', at: 5 } }],
])('the old stage name %s is read', (name, stage) => {
  expect(read(name)).toMatchObject(stage)
})

test.each<[string, string, object]>([
  ['2_current', 'blocked', { kind: 'blocked', reason: 'why', resumeTo: coding }],
  ['4_merge', 'blocked', { kind: 'blocked', resumeTo: { kind: 'merge' } }],
  ['2_current', 'frozen', { kind: 'frozen', resumeTo: coding }],
  ['3_qa', 'review_hold', { kind: 'review-hold', reason: 'why', resumeTo: { kind: 'qa' } }],
  ['4_merge', 'merge_failure', { kind: 'merge-failure', failure: { detail: 'why' } }],
  ['4_merge', 'merge-failure-final', { kind: 'merge-failure-final', work }],
  ['6_archived', 'blocked', { kind: 'archived', from: { kind: 'blocked', reason: 'why' } }],
  ['6_archived', 'done', { kind: 'archived', from: { kind: 'done' } }],
  ['closed', 'abandoned', { kind: 'abandoned' }],
  ['closed', 'rejected', { kind: 'rejected', reason: 'why' }],
  ['superseded', 'active', { kind: 'abandoned' }],
])('the old stage name %s with the badge %s is read', (name, badge, stage) => {
  expect(read(name, badge, 'why')).toMatchObject(stage)
})

test('a blocked item of which the old form does not say where it was counts as coding', () => {
  const stage = read('blocked')
  expect(stage).toMatchObject({ kind: 'blocked' })
  expect(stage && columnOf(stage)).toBe('coding')
})

test('words that none of our versions used are no stage', () => {
  for (const name of ['', '7_later', 'constructor', 'doing']) expect(read(name)).toBeUndefined()
  expect(read('2_current', 'sparkling')).toBeUndefined()
})

test('L48: whatever badge an old row of a finished item has, it never goes back to work', () => {
  const badges = ['', 'active', 'done', 'blocked', 'frozen', 'merge_failure', 'review-hold', 'x']
  const atWork: Stage['kind'][] = ['upcoming', 'backlog', 'coding', 'qa', 'merge', 'merge-failure']
  fc.assert(
    fc.property(fc.constantFrom('6_archived', 'archived', '5_done', 'done'), (name) => {
      for (const badge of badges) {
        const stage = read(name, badge)
        if (stage) expect(atWork).not.toContain(stage.kind)
      }
    }),
  )
})

test('a row of the table is read as the item that it was written for, in every stage', () => {
  for (const stage of Object.values(stages)) {
    const item = itemWith({ stage, agent: 'coder-1', epic: 2, dependsOn: [3], qa: 'human' })
    expect(itemOf(rowOf(item), item.body)).toEqual(item)
  }
})

test('a row of an older version is read by its stage name and its badge', () => {
  const row = { ...rowOf(itemWith()), stage: '2_current', stage_json: '', status: 'blocked' }
  const item = itemOf(row, 'text')
  expect(item?.stage).toMatchObject({ kind: 'blocked', resumeTo: coding })
  expect(item && badgeOf(item.stage)).toBe('blocked')
  expect(itemOf({ ...row, stage: '9_nowhere' }, '')).toBeUndefined()
  expect(itemOf({ ...row, type: 'wish' }, '')).toBeUndefined()
})

test('every stage from outside is checked: what is missing, strange or too much is refused', () => {
  for (const stage of Object.values(stages)) {
    expect(stageSchema.parse(stage)).toEqual(stage)
    expect(stageSchema.safeParse({ ...stage, extra: 1 }).success).toBe(false)
    for (const field of Object.keys(stage)) {
      const { [field as keyof Stage]: _, ...rest } = stage
      const optional = ['commit', 'failure', 'manual'].includes(field)
      const without = stageSchema.safeParse(rest).success
      if (!optional && !(stage.kind === 'blocked' && field === 'resumeTo'))
        expect([stage.kind, field, without]).toEqual([stage.kind, field, false])
    }
  }
})
