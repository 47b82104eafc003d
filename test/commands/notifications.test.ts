import { expect, test } from 'vitest'
import type { StageEvent } from '../../src/pipeline/stage.ts'
import { openDesk } from './desk.ts'

const work = { branch: 'feature/item-1', ahead: 1 }
const merging: StageEvent[] = [{ type: 'qa-skipped', work }, { type: 'merge-started' }]
const conflict: StageEvent = {
  type: 'merge-failed',
  failure: { kind: 'conflict', detail: 'both changed a.txt' },
}
const red = (output: string): StageEvent => ({
  type: 'merge-failed',
  failure: { kind: 'gates', gate: { step: 'test', class: 'test', output } },
})

/** A desk with one story in coding, and what the team is told from then on. */
async function coding() {
  const desk = openDesk()
  await desk.sayAll('story Add a greeting', 'start 1')
  const before = desk.told().length
  return { ...desk, told: () => desk.told().slice(before) }
}

test('the rooms hear of a new item, and the terminal that asked for it hears it once', async () => {
  const { say, told } = openDesk()
  const reply = await say('story Add a greeting', 'max')
  expect(told()).toEqual(['Item 1 is new in the backlog, from Max: Add a greeting.'])
  expect(reply).toBe('Item 1 is in the backlog: Add a greeting. Start it with `start 1`.')
})

test('what somebody does on another network is told in the terminal, too', async () => {
  const { say, heard } = openDesk()
  await say('story Add a greeting', 'max', 'slack')
  expect(heard()).toEqual(['Item 1 is new in the backlog, from Max: Add a greeting.'])
})

test('the rooms hear why an item is blocked, held, tried again or sent back, and what to do', async () => {
  const { happen, told, sayAll } = await coding()
  happen(1, { type: 'gates-failed', failure: 'test failed (test)\n1 of 3' })
  happen(1, { type: 'gates-passed', work }, { type: 'hold', reason: 'It waits for a person.' })
  await sayAll('reject 1 Too slow')
  happen(1, { type: 'block', reason: 'It failed 3 times, which is the limit.' })
  expect(told()).toEqual([
    'Item 1 (Add a greeting) is tried again: test failed (test).',
    'Item 1 (Add a greeting) is held for review: It waits for a person. Decide with `approve 1` or `reject 1 REASON`.',
    'Item 1 (Add a greeting) came back to coding: Too slow.',
    'Item 1 (Add a greeting) is blocked: It failed 3 times, which is the limit. Wake it with `unblock 1`.',
  ])
})

test('the rooms hear what landed', async () => {
  const { happen, told } = await coding()
  happen(1, ...merging, { type: 'merged', commit: 'abc1234def' })
  expect(told()).toEqual(['Item 1 is on main: Add a greeting (abc1234).'])
})

test('a failed merge is told with the last 25 lines of the gates’ output at most', async () => {
  const { happen, told } = await coding()
  happen(1, ...merging, red(Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n')))
  const [text = '', ...others] = told()
  expect(others).toEqual([])
  expect(text).toMatch(
    /^The merge of item 1 \(Add a greeting\) failed: test failed \(test\)\.\n```\n/,
  )
  expect(text.match(/line \d+/g)).toEqual(
    Array.from({ length: 25 }, (_, line) => `line ${line + 75}`),
  )
  expect(text).toContain('Try again with `start 1`')
})

test('a merge that fails in the same way again and again is told once', async () => {
  const { happen, told, say } = await coding()
  happen(1, ...merging, conflict)
  await say('priority 1 high')
  happen(1, { type: 'requeue' }, { type: 'merge-started' }, conflict)
  expect(told()).toHaveLength(1)
  happen(1, { type: 'requeue' }, { type: 'merge-started' }, red('boom'))
  expect(told()).toHaveLength(2)
  expect(told()[1]).toContain('boom')
})

test('a merge that a person had tried again is told when it fails again', async () => {
  const { happen, told, say } = await coding()
  happen(1, ...merging, conflict)
  await say('start 1')
  happen(1, { type: 'merge-started' }, conflict)
  expect(told()).toHaveLength(2)
})

test('a failure that has become final is told once more, with what a person can do', async () => {
  const { happen, told } = await coding()
  const tried: StageEvent = { type: 'recovery-attempted' }
  happen(1, ...merging, conflict, tried, tried, tried)
  expect(told()).toHaveLength(2)
  expect(told()[1]).toContain('or give it up with `abandon 1`')
})

test('what goes back to where it was by a person’s wish is no news', async () => {
  const { happen, told, sayAll } = await coding()
  happen(1, ...merging, conflict)
  const before = told().length
  await sayAll('freeze 1', 'unfreeze 1', 'edit 1 Another name', 'delete 1', 'yes')
  expect(told().slice(before)).toEqual([])
})

test('the rooms hear once of each agent that starts, ends or cannot be ended', async () => {
  const { told, runs, crew } = await coding()
  const run = runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  crew.notices.tell({ type: 'started', run })
  crew.notices.tell({ type: 'started', run })
  crew.notices.tell({ type: 'output', run, events: [{ type: 'text', text: 'hello' }] })
  const stuck = { ...run, survivors: [4711] }
  crew.notices.tell({ type: 'survived', run: stuck, report: { survivors: [], unverified: [4711] } })
  const outcome = { kind: 'failed', reason: 'exit code 1' } as const
  crew.notices.tell({ type: 'finished', run: { ...run, outcome } })
  expect(told()).toEqual([
    'coder-1 works on item 1 (Add a greeting) now.',
    'coder-1 on item 1 (Add a greeting) cannot be ended: processes 4711 are left. Give the item free with `release 1`.',
    'coder-1 failed on item 1 (Add a greeting): exit code 1.',
  ])
})

test('L53: what happens before the networks are logged in is kept for them, in its order', async () => {
  const { pipeline, happen, told } = openDesk()
  const maker = { kind: 'person', id: 'matrix:max', name: 'Max' } as const
  pipeline.create({ type: 'story', name: 'One' }, maker)
  happen(1, { type: 'start' }, { type: 'block', reason: 'No key.' })
  expect(told()).toEqual([
    expect.stringContaining('Item 1 is new'),
    expect.stringContaining('Item 1 (One) is blocked'),
  ])
})

test('a notice is stored with its change or not at all', async () => {
  const { store, happen, told, pipeline } = await coding()
  expect(() =>
    store.transaction(() => {
      happen(1, ...merging, { type: 'merged', commit: 'abc1234def' })
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(pipeline.need(1).stage.kind).toBe('coding')
  expect(told()).toEqual([])
})

test('rooms are told of the kinds that bot.toml names, and of no others', async () => {
  const { sayAll, happen, told } = openDesk({ told: { kinds: ['merged', 'blocked'] } })
  await sayAll('story Add a greeting', 'start 1')
  happen(
    1,
    { type: 'gates-failed', failure: 'test failed' },
    { type: 'block', reason: 'It is late.' },
  )
  happen(1, { type: 'unblock' }, ...merging, { type: 'merged', commit: 'abc1234def' })
  expect(told()).toEqual([
    'Item 1 (Add a greeting) is blocked: It is late. Wake it with `unblock 1`.',
    'Item 1 is on main: Add a greeting (abc1234).',
  ])
})

test('a program hears of everything once it is stored, whatever the rooms want to be told', async () => {
  const { notifications, pipeline, happen, store, sayAll } = openDesk({ told: { kinds: [] } })
  const heard: string[] = []
  notifications.listen(({ kind, item }) => {
    heard.push(`${kind} ${item} ${store.db.inTransaction} ${pipeline.get(item ?? 0)?.stage.kind}`)
  })
  await sayAll('story Add a greeting', 'start 1')
  happen(1, { type: 'block', reason: 'It is late.' }, { type: 'unblock' })
  const undone = () =>
    store.transaction(() => {
      happen(1, { type: 'block', reason: 'It is later.' })
      throw new Error('undone')
    })
  expect(undone).toThrow('undone')
  expect(heard).toEqual(['new-item 1 false backlog', 'blocked 1 false blocked'])
})
