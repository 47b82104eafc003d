import { expect, test } from 'vitest'
import { type BoardLine, board, type Working } from '../../src/pipeline/board.ts'
import { nothing } from '../../src/pipeline/cost.ts'
import type { Item } from '../../src/pipeline/item.ts'
import { renderBoard } from '../../src/pipeline/render-board.ts'
import type { Stage, StageKind } from '../../src/pipeline/stage.ts'
import { itemWith, stageKinds, stages, work } from './samples.ts'

/** The section that shows `item`, and its line. */
function place(item: Item, working?: Working): { section: string; line: BoardLine } | undefined {
  const { sections } = board([item], { working: new Map(working ? [[item.id, working]] : []) })
  return sections.flatMap(({ title, lines }) => lines.map((line) => ({ section: title, line })))[0]
}

const sectionOf: { readonly [K in StageKind]: string | undefined } = {
  upcoming: 'Backlog',
  backlog: 'Backlog',
  coding: 'In progress',
  blocked: 'In progress',
  qa: 'QA',
  'review-hold': 'QA',
  merge: 'Merge',
  'merge-failure': 'Merge',
  'merge-failure-final': 'Merge',
  done: 'Done',
  archived: undefined,
  frozen: 'In progress',
  abandoned: 'Closed',
  superseded: 'Closed',
  rejected: 'Closed',
}

test.each(stageKinds)('an item in %s stands in its section', (kind) => {
  expect(place(itemWith({ stage: stages[kind] }))?.section).toBe(sectionOf[kind])
})

test('L40: a frozen item stays in the column that it was frozen in, with its mark', () => {
  for (const kind of stageKinds) {
    if (kind === 'archived' || kind === 'frozen') continue
    const frozen = place(itemWith({ stage: { kind: 'frozen', resumeTo: stages[kind] } }))
    expect(frozen?.section).toBe(sectionOf[kind])
    expect(frozen?.line).toMatchObject({ mark: 'frozen', dot: 'idle' })
  }
})

test('L41: a done item shows no failure, whatever it went through', () => {
  const done = place(itemWith({ stage: stages.done, returns: 2, body: 'merge failed: conflict' }))
  expect(done?.line).toEqual({ id: 1, name: 'Greet', dot: 'idle', waitingOn: [], notes: [] })
})

test('an item that was archived while blocked stays visible as blocked', () => {
  const stage: Stage = { kind: 'archived', at: 1, reason: 'old', from: stages.blocked }
  expect(place(itemWith({ stage }))).toMatchObject({
    section: 'In progress',
    line: { dot: 'blocked' },
  })
})

test('a blocked item shows the first line of its reason, cut to 120 characters', () => {
  const stage: Stage = { kind: 'blocked', reason: `\n${'é'.repeat(130)}\nmore` }
  const line = place(itemWith({ stage }))?.line
  expect(line).toMatchObject({ dot: 'blocked', reason: `${'é'.repeat(119)}…` })
})

test('a line says who works on the item, and whether a limit holds them up', () => {
  const running: Working = { agent: 'rex', model: 'sonnet', state: 'running' }
  const item = itemWith({ stage: stages.coding })
  expect(place(item, running)?.line).toMatchObject({ dot: 'running', working: running })
  expect(place(item, { ...running, state: 'throttled' })?.line.dot).toBe('throttled')
  expect(place(item)?.line).toMatchObject({ dot: 'idle' })
  expect(place(item)?.line).not.toHaveProperty('reason')
})

test('the backlog says what an item waits for, and what can never be', () => {
  const items = [
    itemWith({ id: 1, stage: stages.coding }),
    itemWith({ id: 2, stage: stages.abandoned }),
    itemWith({ id: 3, dependsOn: [1, 2] }),
    itemWith({ id: 4, dependsOn: [1], stage: stages.coding }),
  ]
  const { sections } = board(items)
  expect(sections[0]?.lines[0]).toMatchObject({
    waitingOn: [1],
    notes: ['It will not start by itself: #2 was abandoned.'],
  })
  expect(sections[1]?.lines.find(({ id }) => id === 4)?.waitingOn).toEqual([])
})

test('an item whose turn has come, and that waits all the same, says for what', () => {
  const lock =
    'Another git holds /project/.git/refs/heads/main.lock: let it end, or delete that file.'
  const items = [
    itemWith({ id: 1, stage: { kind: 'merge', work, retries: 0, since: 1 } }),
    itemWith({ id: 2, stage: { kind: 'merge', work, retries: 0, since: 2 } }),
    itemWith({ id: 3, stage: stages.qa }),
  ]
  const text = renderBoard(board(items, { why: (id) => (id === 1 ? lock : undefined) }))
  const shown = 'queued (1) · Another git holds /project/.git/refs/heads/main.lock: let it end'
  expect(text).toContain(shown)
  expect(text.match(/Another git/g)).toHaveLength(1)
})

test('the merge queue is in the order of landing: urgent first, unless another waited long', () => {
  const minutes = (count: number) => count * 60_000
  const queued = (id: number, since: number, priority: Item['priority']) =>
    itemWith({ id, priority, stage: { kind: 'merge', work, retries: 0, since } })
  const items = [
    queued(1, minutes(1), 'normal'),
    queued(2, minutes(0), 'normal'),
    queued(3, minutes(20), 'high'),
    queued(4, minutes(40), 'high'),
    queued(5, minutes(0), 'low'),
    queued(6, minutes(0), 'normal'),
    itemWith({ id: 7, stage: stages['merge-failure-final'] }),
  ]
  const { sections } = board(items, { working: new Map([[6, { state: 'running' }]]) })
  const merge = sections[3]?.lines ?? []
  expect(merge.map(({ id, position }) => [id, position])).toEqual([
    [3, 1],
    [2, 2],
    [1, 3],
    [4, 4],
    [5, 5],
    [6, undefined],
    [7, undefined],
  ])
})

test('a failed merge shows whether an agent mends it, will mend it, or cannot', () => {
  const rex: Working = { agent: 'rex', state: 'running' }
  const failed = stages['merge-failure']
  const other: Stage = { ...failed, failure: { kind: 'other', detail: 'no disk' } }
  const markOf = (stage: Stage, working?: Working) => place(itemWith({ stage }), working)?.line.mark
  expect(markOf(failed)).toBe('recovery-queued')
  expect(markOf(failed, rex)).toBe('recovering')
  expect(markOf(other)).toBe('failed')
  expect(markOf(stages['merge-failure-final'])).toBe('failed-for-good')
  expect(place(itemWith({ stage: failed }))?.line.reason).toContain('greet.sh')
})

test('the agents that work on nothing are free', () => {
  const agents = [{ name: 'rex', model: 'sonnet' }, { name: 'fido' }]
  const working = new Map<number, Working>([[1, { agent: 'rex', state: 'running' }]])
  expect(board([], { working, agents }).freeAgents).toEqual([{ name: 'fido' }])
})

test('the rendered board has a line for each item and shows names as they were written', () => {
  const items = [
    itemWith({ id: 1, name: 'Use *stars* in `greet_all`', stage: stages.coding }),
    itemWith({ id: 2, dependsOn: [1] }),
    itemWith({ id: 3, stage: stages.merge }),
    itemWith({ id: 4, stage: stages.superseded }),
    itemWith({ id: 5, stage: { kind: 'frozen', resumeTo: stages.qa } }),
  ]
  const rex: Working = {
    agent: 'rex',
    model: 'sonnet',
    state: 'running',
    uncommitted: { modified: 3, added: 1 },
  }
  const costs = new Map([
    [1, { usd: 0.5, estimated: 0 }],
    [3, { usd: 12, estimated: 0.1 }],
    [5, { usd: 0, estimated: 0 }],
  ])
  const text = renderBoard(
    board(items, {
      working: new Map([[1, rex]]),
      agents: [{ name: 'fido' }],
      costs: (id) => costs.get(id) ?? nothing,
    }),
  )
  expect(text).toBe(`**Backlog**
- ⚪ **#2** Greet · waiting on #1

**In progress**
- 🟢 **#1** Use \\*stars\\* in \\\`greet\\_all\\\` · $0.50 · rex (sonnet) · 3 modified, 1 new

**QA**
- ⚪ ❄️ **#5** Greet

**Merge**
- ⚪ **#3** Greet · ~$12.00 · queued (1)

**Closed**
- ⚪ 🔀 **#4** Greet · by #9

Free agents: fido`)
})

test('an empty board says how to begin', () => {
  expect(renderBoard(board([]))).toContain('`story TITLE` creates the first one.')
})

test('a long section shows what is next, or what was last, and says how much more there is', () => {
  const items = [...Array(40).keys()].map((k) =>
    itemWith({ id: k + 1, stage: k % 2 === 0 ? stages.backlog : stages.abandoned }),
  )
  const shown = board(items, { most: 5 })
  const lines = shown.sections.flatMap(({ title, lines, more }) =>
    lines.length > 0 ? [[title, lines.map(({ id }) => id), more]] : [],
  )
  expect(lines).toEqual([
    ['Backlog', [1, 3, 5, 7, 9], 15],
    ['Closed', [32, 34, 36, 38, 40], 15],
  ])
  expect(renderBoard(shown)).toMatch(
    /\*\*#9\*\* Greet\n- \.\.\. and 15 more: `backlog`\n\n\*\*Closed/,
  )
})

test('an item that could be worked on shows why it waits, and one that is worked on does not', () => {
  const items = [
    itemWith({ id: 1, stage: stages.coding }),
    itemWith({ id: 2, stage: stages.merge }),
    itemWith({ id: 3, stage: stages.qa }),
    itemWith({ id: 4 }),
  ]
  const working = new Map<number, Working>([[3, { agent: 'rex', state: 'running' }]])
  const { sections } = board(items, { working, why: (id) => `reason ${id}` })
  const reasons = sections.flatMap(({ lines }) => lines).map(({ id, reason }) => [id, reason])
  expect(reasons).toEqual([
    [4, undefined],
    [1, 'reason 1'],
    [3, undefined],
    [2, 'reason 2'],
  ])
})
