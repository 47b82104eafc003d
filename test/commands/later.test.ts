import { expect, test } from 'vitest'
import { mostTimes } from '../../src/pipeline/later/triggers.ts'
import { DueTimers } from '../../src/pipeline/reconcilers/due-timers.ts'
import { type Desk, openDesk } from './desk.ts'

const hour = 3_600_000
const work = { branch: 'feature/item-1', ahead: 1 }

/** Lets the timers that are due be done, as the engine would. */
async function ring({ store, timers, entrust, clock, answered }: Desk): Promise<void> {
  const due = new DueTimers({ store, timers, entrust, clock })
  for (const key of due.keys()) await due.reconcile(key)
  await answered()
}

/** A desk with three stories in the backlog. */
async function three(options: { timezone?: string } = {}) {
  const desk = openDesk(options)
  await desk.sayAll('story One', 'story Two', 'story Three')
  return { ...desk, stage: (id: number) => desk.pipeline.need(id).stage.kind }
}

test('timer says when the item starts, and starts it then in the name of whoever asked', async () => {
  const desk = await three({ timezone: 'Europe/Berlin' })
  expect(await desk.say('timer 1 02:30', 'max')).toBe(
    'Item 1 starts at 1970-01-01 02:30 Europe/Berlin, in 1 h: One. Until then, `timer cancel 1` drops that.',
  )
  expect(await desk.say('timer list', 'vera')).toBe(
    '- 1970-01-01 02:30 Europe/Berlin: #1 One, set by Max',
  )
  desk.clock.advance(hour)
  await ring(desk)
  expect(desk.stage(1)).toBe('backlog')
  const before = desk.heard().length
  desk.clock.advance(hour)
  await ring(desk)
  await ring(desk)
  expect(desk.stage(1)).toBe('coding')
  expect(desk.heard().slice(before)).toEqual([
    'Timer of 1970-01-01 02:30: `start 1`, for Max.',
    'Item 1 is in coding: One. An agent takes it next: follow it with `status 1`.',
  ])
  expect(desk.pipeline.history(1).at(-1)).toMatchObject({
    event: 'start',
    by: { kind: 'person', id: 'terminal:max', name: 'Max, by a timer' },
  })
  expect(await desk.say('timer list')).toBe('No timer is set. Set one with `timer N HH:MM`.')
})

test('a timer can be dropped, and what cannot be timed is refused in a sentence', async () => {
  const { say, sayAll, timers } = await three()
  await sayAll('timer 1 02:30', 'epic Big', 'start 2')
  expect(await say('timer cancel #1')).toBe('The timer of item 1 is dropped.')
  expect(timers.all()).toEqual([])
  for (const [text, reply] of [
    ['timer cancel 1', 'Item 1 has no timer: `timer list` shows which are set.'],
    ['timer 9 02:30', 'There is no item 9: look for its number with "list".'],
    ['timer 1 25:00', '"25:00" is no time of day: write one from 00:00 to 23:59, such as 02:30.'],
    [
      'timer 2 02:30',
      'Item 2 is in coding, and a timer starts what waits in the backlog: `status 2` says what fits.',
    ],
    [
      'timer 4 02:30',
      'Item 4 is an epic, which groups items and is never started: set timers for its items.',
    ],
    [
      'timer tomorrow',
      'Say `timer N HH:MM`, such as `timer 3 02:30`; or `timer list`, or `timer cancel N`.',
    ],
    ['timer', '`timer` needs N HH:MM; usage: `timer N HH:MM`.'],
  ] as const)
    expect(await say(text), text).toBe(reply)
  expect(await say('timer 1 02:30', 'vera')).toBe(
    'Only members may set and cancel timers: ask one of them.',
  )
})

test('a timer that finds its item frozen, or waiting for others, says so and is over', async () => {
  const desk = await three()
  await desk.sayAll('timer 1 02:30', 'freeze 1', 'depends 2 3', 'timer 2 02:30')
  desk.clock.advance(3 * hour)
  await ring(desk)
  expect([desk.stage(1), desk.stage(2)]).toEqual(['frozen', 'backlog'])
  expect(desk.heard().join('\n')).toContain('`start` does not fit item 1, which is frozen.')
  expect(desk.heard().join('\n')).toContain('Item 2 waits for #3 and starts by itself after that')
  expect(desk.timers.all()).toEqual([])
})

test('a trigger says its command when the item comes into the stage, once', async () => {
  const desk = await three()
  expect(await desk.say('when #1 done: start 2', 'max')).toBe(
    'Trigger 1 is set: when item 1 comes into done, `start 2` is done in your name. `when cancel 1` drops it.',
  )
  expect(await desk.say('when list', 'vera')).toBe(
    '- 1: when #1 comes into done, `start 2` (once, set by Max)',
  )
  const before = desk.heard().length
  desk.happen(1, { type: 'start' }, { type: 'qa-skipped', work }, { type: 'merge-started' })
  desk.happen(1, { type: 'merged', commit: 'abc1234def' })
  await desk.answered()
  expect(desk.stage(2)).toBe('coding')
  expect(desk.heard().slice(before)).toEqual([
    'Item 1 is on main: One (abc1234).',
    'Trigger 1, item 1 in done: `start 2`, for Max.',
    'Item 2 is in coding: Two. An agent takes it next: follow it with `status 2`.',
  ])
  expect(desk.pipeline.history(2).at(-1)?.by).toEqual({
    kind: 'person',
    id: 'terminal:max',
    name: 'Max, by trigger 1',
  })
  expect(await desk.say('when list')).toBe(
    'No trigger is set. Set one with `when #N STAGE: COMMAND`.',
  )
})

test('a trigger that leads back to its own cause comes to an end, and says so', async () => {
  const desk = await three()
  await desk.sayAll(
    'start 1',
    'when #1 blocked: unblock 1 always',
    'when #1 coding: block 1 Not now always',
  )
  await desk.say('block 1 To begin with')
  await desk.answered()
  const times = desk.pipeline.history(1).filter(({ event }) => event === 'unblock').length
  expect(times).toBe(mostTimes)
  expect(desk.heard().join('\n')).toContain(`That was time ${mostTimes} and the last`)
  expect(desk.triggers.all()).toEqual([])
})

test('an edit, and a change within the same stage, set nothing off', async () => {
  const desk = await three()
  await desk.sayAll('start 1', 'when #1 coding: hold 1 Look always', 'edit 1 Another')
  desk.happen(1, { type: 'gates-failed', failure: 'red' })
  await desk.answered()
  expect(desk.stage(1)).toBe('coding')
  expect(await desk.say('when list')).toContain('(always, 0 of 10 times so far, set by Anna)')
})

test('a trigger is refused at once where nobody could ever carry it out', async () => {
  const { say, triggers } = await three()
  for (const [text, reply] of [
    ['when #9 done: start 2', 'There is no item 9: look for its number with "list".'],
    [
      'when #1 ready: start 2',
      'There is no stage "ready": choose of upcoming, backlog, coding, blocked, qa, review-hold, merge, merge-failure, merge-failure-final, done, archived, frozen, abandoned, superseded, rejected.',
    ],
    ['when #1 done: dance', '`dance` is no command: `help` lists them.'],
    [
      'when #1 done: start two',
      'N must be an item number such as 12 or #12, not "two"; usage: `start N [agent]`.',
    ],
    [
      'when #1 done: when #2 done: start 3',
      'A trigger cannot set another one: set both now, each with its own item and stage.',
    ],
    [
      'when #1 backlog: start 2',
      'Item 1 is in the backlog already: say `start 2` now, or add `always` for the next times.',
    ],
    ['when', '`when` needs #N STAGE: COMMAND; usage: `when #N STAGE: COMMAND`.'],
    ['when cancel 7', 'There is no trigger 7: `when list` shows them.'],
  ] as const)
    expect(await say(text), text).toBe(reply)
  expect(await say('when #1 done: delete 2', 'max')).toBe(
    '`delete` is for admins, and you are a member here: ask an admin.',
  )
  expect(await say('when #1 done: status', 'vera')).toBe(
    'Only members may set and cancel triggers: ask one of them.',
  )
  expect(triggers.all()).toEqual([])
})

test('a command that asks a question asks it, and waits for its author', async () => {
  const desk = await three()
  await desk.say('when #1 done: delete 2')
  await desk.say('close 1')
  await desk.answered()
  expect(desk.heard().at(-1)).toContain('Delete item 2 for good: Two?')
  expect(await desk.say('yes', 'max')).not.toContain('is deleted')
  expect(await desk.say('yes')).toContain('Item 2 is deleted: Two.')
})

test('what was asked for by somebody who is not served any more is not done', async () => {
  const desk = await three()
  const asker = {
    person: { id: 'terminal:eve', name: 'Eve' },
    place: { transport: 'terminal', room: 'main' },
  }
  desk.triggers.add({ item: 1, stage: 'done', command: 'start 2', always: false, asker })
  await desk.say('close 1')
  await desk.answered()
  expect(desk.stage(2)).toBe('backlog')
  expect(desk.heard()).toContain(
    '`start 2` was to be done for Eve, who is not served any more: nothing is done.',
  )
})

test('L48: a trigger of old finds its item finished, and leaves it as it is', async () => {
  const desk = await three()
  await desk.sayAll('when #1 done: start 2', 'close 2', 'close 1')
  await desk.answered()
  expect(desk.stage(2)).toBe('done')
  expect(desk.heard().at(-1)).toContain('Item 2 is done: `move 2 backlog` reopens it')
})

test('timers and triggers go with their item when that is deleted', async () => {
  const { sayAll, timers, triggers } = await three()
  await sayAll('timer 1 02:30', 'when #1 done: start 2', 'delete 1', 'yes')
  expect([timers.all(), triggers.all()]).toEqual([[], []])
})

test('a trigger is set off with its change or not at all', async () => {
  const desk = await three()
  await desk.say('when #1 done: start 2')
  const before = desk.heard().length
  expect(() =>
    desk.store.transaction(() => {
      desk.happen(1, { type: 'close' })
      throw new Error('no')
    }),
  ).toThrow('no')
  await desk.answered()
  expect(desk.heard()).toHaveLength(before)
  expect(desk.triggers.all()).toHaveLength(1)
  expect(desk.stage(2)).toBe('backlog')
})
