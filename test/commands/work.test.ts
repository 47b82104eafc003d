import { expect, test } from 'vitest'
import type { MergeFailure, StageEvent } from '../../src/pipeline/stage.ts'
import { openDesk } from './desk.ts'

const work = { branch: 'feature/item-1', ahead: 1 }
const merging: StageEvent = { type: 'qa-skipped', work }
const failed = (failure: MergeFailure): StageEvent => ({ type: 'merge-failed', failure })
const conflict = failed({ kind: 'conflict', detail: 'both changed a.txt' })
/** What makes a merge failure final: an agent has tried in vain, again and again. */
const givenUp: StageEvent[] = [
  merging,
  conflict,
  ...Array.from({ length: 3 }, (): StageEvent => ({ type: 'recovery-attempted' })),
]

/** A desk with one story in coding. */
async function coding() {
  const desk = openDesk()
  await desk.sayAll('story Add a greeting', 'start 1')
  return { ...desk, stage: () => desk.pipeline.need(1).stage }
}

test('start takes an item from the backlog into coding', async () => {
  const { say, pipeline } = openDesk()
  await say('story Add a greeting')
  expect(await say('start 1')).toBe(
    'Item 1 is in coding: Add a greeting. An agent takes it next: follow it with `status 1`.',
  )
  expect(pipeline.need(1).stage).toEqual({ kind: 'coding', retries: 0 })
})

test('start with an agent records it, and the pipeline being paused is told', async () => {
  const { sayAll, say, pipeline } = openDesk()
  expect(await sayAll('story One', 'story Two', 'start 1 coder-2')).toContain(
    'coder-2 takes it next',
  )
  expect(pipeline.need(1).agent).toBe('coder-2')
  expect(await say('pause')).toContain('Go on with `resume`.')
  expect(await say('start 2')).toBe(
    'Item 2 is in coding: Two. The pipeline is paused: an agent takes it after `resume`.',
  )
})

test('starting what is under way changes nothing and names the agent', async () => {
  const { say, runs, stage } = await coding()
  const before = stage()
  runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  expect(await say('start 1')).toBe(
    'Item 1 is in coding already, with coder-1: follow it with `log 1`.',
  )
  expect(stage()).toEqual(before)
})

test.each(['start 1 helper', 'assign 1 helper'])(
  'an agent of stage other is started beside the item, which stays where it is: %s',
  async (line) => {
    const { sayAll, pipeline, runs } = openDesk()
    expect(await sayAll('story One', line)).toBe(
      'helper starts on item 1, which stays in the backlog.',
    )
    expect(pipeline.need(1).stage.kind).toBe('backlog')
    expect(pipeline.need(1).agent).toBeUndefined()
    expect(runs.active()).toMatchObject([{ agent: 'helper', item: 1 }])
  },
)

test('L35: every failed merge can be tried again, sent back, given up or replaced by a person', async () => {
  for (const events of [[merging, conflict], givenUp]) {
    for (const [command, kind] of [
      ['start 1', 'merge'],
      ['reject 1 Do it otherwise', 'coding'],
      ['hold 1 I look at it', 'review-hold'],
      ['move 1 backlog', 'backlog'],
      ['abandon 1', 'abandoned'],
      ['close 1', 'done'],
      ['supersede 1 2', 'superseded'],
    ] as const) {
      const { say, happen, stage } = await coding()
      await say('story Another way')
      happen(1, ...events)
      expect(stage().kind).toBe(events === givenUp ? 'merge-failure-final' : 'merge-failure')
      expect(await say(command)).toMatch(/^Item 1 is /)
      expect(stage().kind, command).toBe(kind)
    }
  }
})

test('L35: the status of a final failure names the ways out', async () => {
  const { say, happen } = await coding()
  happen(1, ...givenUp)
  expect(await say('status 1')).toContain(
    'Try again with `start 1`, send it back with `reject 1 REASON`, or give it up with `abandon 1`.',
  )
})

test('stop without a number cancels what this chat is answering', async () => {
  const { say, chats } = openDesk()
  expect(await say('stop')).toBe('Nothing is running in this chat.')
  chats.push('terminal/main')
  expect(await say('stop')).toBe('Stopped.')
})

test('stop N stores who stops the agent, and says what becomes of the item', async () => {
  const { say, runs } = await coding()
  runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  expect(await say('stop 1', 'max')).toBe(
    'coder-1 is being stopped, and item 1 is blocked then. Let it go on with `unblock 1`.',
  )
  expect(runs.activeOf(1)?.stop).toMatchObject({ by: 'terminal:max', next: 'block' })
})

test('stop N ends everybody who is at work on the item, and a helper alone leaves it where it is', async () => {
  const { say, runs } = await coding()
  const helps = runs.claim({ item: 1, agent: 'helper', role: 'other', attempt: 1 })
  expect(await say('stop 1')).toBe('helper is being stopped. The item stays as it is.')
  const run = runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 2 })
  expect(await say('stop 1')).toMatch(
    /^helper and coder-1 are being stopped, and item 1 is blocked/,
  )
  expect([helps, run].map(({ id }) => runs.get(id)?.stop?.by)).toEqual([
    'terminal:anna',
    'terminal:anna',
  ])
})

test('stop N calls off a helper that waits for the end of a limit', async () => {
  const { say, runs } = await coding()
  const run = runs.claim({ item: 1, agent: 'helper', role: 'other', attempt: 1 })
  runs.exited(run, { kind: 'limited', reason: 'At its limit.' })
  runs.end(run)
  expect(await say('stop 1')).toBe('Called off: helper, waiting for the end of a limit.')
  expect(await say('stop 1')).toBe('No agent works on #1: "agents" shows who does what.')
})

test('the pipeline is paused and goes on, and says so where nothing changes', async () => {
  const { say, pipeline } = openDesk()
  expect(await say('resume')).toBe('The pipeline is not paused: agents start when there is work.')
  await say('pause')
  expect(pipeline.paused).toBe(true)
  expect(await say('pause')).toBe('The pipeline is paused already. Go on with `resume`.')
  expect(await say('status')).toContain('The pipeline is paused: `resume` goes on.')
  expect(await say('resume')).toContain('The pipeline goes on')
  expect(pipeline.paused).toBe(false)
})

test('resume N wakes what is blocked and what is frozen', async () => {
  const { say, sayAll, stage } = await coding()
  expect(await sayAll('block 1 No network', 'resume 1')).toContain('Item 1 is in coding again.')
  await sayAll('freeze 1', 'resume 1')
  expect(stage().kind).toBe('coding')
  expect(await say('resume 1')).toContain('Item 1 is in coding, so there is nothing to wake.')
})

test('assign names the agent; another one that is at work is stopped and this one comes after', async () => {
  const { say, runs, pipeline } = await coding()
  expect(await say('assign 1 coder-1')).toBe(
    'Item 1 is for coder-1 now. coder-1 takes it next: follow it with `status 1`.',
  )
  runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  expect(await say('assign 1 coder-1')).toBe('coder-1 works on item 1 already.')
  expect(await say('assign 1 coder-2')).toBe(
    'coder-1 is being stopped; coder-2 takes item 1 after that.',
  )
  expect(runs.activeOf(1)?.stop?.next).toBe('reassign')
  expect(pipeline.need(1).agent).toBe('coder-2')
})

test('move finds the event that leads to a stage, and says where the item is then', async () => {
  const { say, stage } = await coding()
  expect(await say('move 1 BACKLOG')).toBe(
    'Item 1 is in the backlog now: Add a greeting. Start it with `start 1`.',
  )
  expect(await say('move 1 archived')).toContain('Item 1 is archived now')
  expect(await say('move 1 backlog')).toContain('Item 1 is in the backlog now')
  expect(stage()).toMatchObject({ kind: 'backlog' })
})

test('block and unblock, hold and approve, freeze and unfreeze lead back to where it was', async () => {
  const { say, stage } = await coding()
  const before = stage()
  for (const [there, reply, back] of [
    [
      'block 1 No network.',
      'Item 1 is blocked: No network. Wake it with `unblock 1`.',
      'unblock 1',
    ],
    [
      'hold 1 Look at the colours',
      'Item 1 is held for review: Look at the colours. Decide with `approve 1` or `reject 1 REASON`.',
      'approve 1',
    ],
    [
      'freeze 1',
      'Item 1 is frozen: Add a greeting. It goes on from here with `unfreeze 1`.',
      'unfreeze 1',
    ],
  ] as const) {
    expect(await say(there)).toBe(reply)
    expect(await say(back)).toMatch(/^Item 1 is (approved and )?in coding/)
    expect(stage()).toEqual(before)
  }
})

test('a review ends in merge, back in coding with the reason, or closed', async () => {
  const review: StageEvent[] = [
    { type: 'gates-passed', work },
    { type: 'hold', reason: 'It waits for a person.' },
  ]
  const { say, happen, stage } = await coding()
  happen(1, ...review)
  expect(await say('reject 1 The full stop is missing')).toBe(
    'Item 1 is rejected and in coding: The full stop is missing. An agent takes it next: follow it with `status 1`.',
  )
  expect(stage()).toMatchObject({ kind: 'coding', failure: 'The full stop is missing' })
  happen(1, ...review)
  expect(await say('approve 1')).toBe(
    'Item 1 is approved and in the merge queue. It lands when it is its turn and its gates pass.',
  )
  await say('move 1 review-hold')
  expect(await say('reject 1 --close Nobody needs it')).toBe(
    'Item 1 is rejected and closed: Nobody needs it. Should it be done again, `move 1 backlog` reopens it.',
  )
  expect(stage()).toEqual({ kind: 'rejected', reason: 'Nobody needs it' })
})

test('a person can judge what a qa agent has not judged yet', async () => {
  const { say, happen, stage } = await coding()
  happen(1, { type: 'gates-passed', work })
  await say('reject 1 Too slow')
  expect(stage()).toMatchObject({ kind: 'coding', failure: 'Too slow' })
  happen(1, { type: 'gates-passed', work })
  await say('approve 1')
  expect(stage().kind).toBe('merge')
})

test('an approved spike is done', async () => {
  const { say, sayAll, pipeline } = openDesk()
  await sayAll('spike Which library', 'start 1', 'hold 1 Findings')
  expect(await say('approve 1')).toContain('Item 1 is approved and done.')
  expect(pipeline.need(1).stage.kind).toBe('done')
})

test('items end by hand: done without a merge, abandoned, or superseded by another', async () => {
  const { say, sayAll } = openDesk()
  await sayAll('epic One', 'story Two', 'story Three')
  expect(await say('close 1')).toContain('Item 1 is done by hand, and nothing is merged: One.')
  expect(await say('abandon 2')).toContain('Item 2 is abandoned: Two.')
  await sayAll('story Four')
  expect(await say('supersede 3 4')).toContain('Item 3 is superseded by #4 Four.')
})

test('the work of a removed worktree comes back, and asking again says the same', async () => {
  const { say, worktrees } = await coding()
  worktrees.removed.set(1, {
    ...{ item: 1, path: '/trees/item-1', branch: 'feature/item-1', recovered: true },
  })
  const reply =
    'The work of item 1 is back, on branch `feature/item-1` in `/trees/item-1`: take from it what you need.'
  expect(await say('recover 1')).toBe(reply)
  worktrees.kept.set(1, {
    item: 1,
    path: '/trees/item-1',
    branch: 'feature/item-1',
    recovered: true,
  })
  worktrees.removed.clear()
  expect(await say('recover 1')).toBe(reply)
})

test('release names the processes, asks, and then counts the run as exited', async () => {
  const { say, runs } = await coding()
  const run = runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  runs.survived(run, [4711, 4712])
  expect(await say('agents')).toContain(
    '- coder-1 (coder, shell): its processes 4711, 4712 on #1 Add a greeting cannot be ended: `release 1`',
  )
  expect(await say('release 1')).toContain(
    'These processes of coder-1 could not be ended: 4711, 4712.',
  )
  expect(runs.activeOf(1)?.state).toBe('claimed')
  expect(await say('yes')).toContain('Item 1 is free again.')
  expect(runs.activeOf(1)?.state).toBe('exited')
})
