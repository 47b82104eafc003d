import { expect, test } from 'vitest'
import { openDesk } from './desk.ts'

test('a story is created in the asker’s name, and the reply says how it goes on', async () => {
  const { say, pipeline } = openDesk()
  expect(await say('story Add a greeting', 'max')).toBe(
    'Item 1 is in the backlog: Add a greeting. Start it with `start 1`.',
  )
  expect(pipeline.need(1)).toMatchObject({
    type: 'story',
    origin: { kind: 'person', id: 'terminal:max', name: 'Max' },
  })
})

test('the further lines of a message are the item’s text, and its `- [ ]` lines the criteria', async () => {
  const { say, pipeline } = openDesk()
  const reply = await say('bug The total is wrong\nFor two items.\n\n- [ ] adds\n- [x] rounds')
  expect(reply).toBe(
    'Item 1 is in the backlog, with 2 criteria: The total is wrong. Start it with `start 1`.',
  )
  expect(pipeline.need(1)).toMatchObject({
    body: 'For two items.\n\n- [ ] adds\n- [x] rounds',
    criteria: [
      { text: 'adds', met: false },
      { text: 'rounds', met: true },
    ],
  })
})

test('options before the title say what an item depends on, its epic, its judge and its priority', async () => {
  const { sayAll, pipeline } = openDesk()
  await sayAll('epic A friendlier start', 'story One', 'spike Two')
  const reply = await sayAll('create refactor depends 2,3 epic 1 qa human priority high Three')
  expect(reply).toBe(
    'Item 4 is in the backlog: Three. It starts by itself when #2 and #3 are done.',
  )
  expect(pipeline.need(4)).toMatchObject({
    ...{ type: 'refactor', name: 'Three', dependsOn: [2, 3], epic: 1, qa: 'human' },
    priority: 'high',
  })
})

test('L51: what looks like an option in a title or text is left as it was written', async () => {
  const { sayAll, pipeline } = openDesk()
  await sayAll(
    'story Show priority high items first',
    'story "depends 7"\npriority high\nepic 3\nqa human',
    'story priority queue',
  )
  expect(pipeline.all()).toMatchObject([
    { name: 'Show priority high items first', priority: 'normal' },
    { name: 'depends 7', dependsOn: [], priority: 'normal' },
    { name: 'priority queue', priority: 'normal' },
  ])
  expect(pipeline.need(2).epic).toBeUndefined()
})

test('what Markdown would take for markup in a title is shown as it was written', async () => {
  const { say } = openDesk()
  expect(await say('story Keep *all* <b>')).toContain(': Keep \\*all\\* \\<b\\>.')
})

test('an epic is created, and takes items in and lets them go', async () => {
  const { say, sayAll, pipeline } = openDesk()
  expect(await say('epic A friendlier start')).toBe(
    'Item 1 is in the backlog: A friendlier start. Put items under it with `story epic 1 TITLE` or `epic N 1`.',
  )
  await say('story Add a greeting')
  expect(await say('epic 2 #1')).toBe('Item 2 belongs to epic 1 now: A friendlier start.')
  expect(await say('show 1')).toContain(
    '- 0 of 1 item done:\n  - #2 Add a greeting: in the backlog',
  )
  expect(await sayAll('epic 2')).toBe('Item 2 belongs to no epic now.')
  expect(pipeline.all()).toHaveLength(2)
})

test('title, text and judge can be edited, each by itself', async () => {
  const { sayAll, pipeline } = openDesk()
  await sayAll('story Old\nOld text', 'edit 1 New', 'edit 1 qa agent')
  expect(await sayAll('edit 1\nNew text\n- [ ] works')).toBe(
    'Item 1 is changed: New. See it with `show 1`.',
  )
  expect(pipeline.need(1)).toMatchObject({
    ...{ name: 'New', body: 'New text\n- [ ] works', qa: 'agent' },
    criteria: [{ text: 'works', met: false }],
  })
})

test('dependencies are set and cleared, and the reply says when the item starts', async () => {
  const { say, sayAll, pipeline } = openDesk()
  await sayAll('story One', 'story Two', 'story Three')
  expect(await say('depends 3 1, #2')).toBe(
    'Item 3 depends on #1 One, #2 Two. It starts by itself when #1 and #2 are done.',
  )
  await say('abandon 1')
  expect(await say('backlog')).toContain('- #3 Three (story). #1 was abandoned. So it never starts')
  expect(await say('depends 3')).toBe('Item 3 depends on nothing now. Start it with `start 3`.')
  expect(pipeline.need(3).dependsOn).toEqual([])
})

test('criteria are ticked and unticked', async () => {
  const { say, pipeline } = openDesk()
  await say('story One\n- [ ] works\n- [ ] is fast')
  expect(await say('check 1 2')).toBe('Criterion 2 of item 1 is met: is fast (1 of 2 are met).')
  expect(pipeline.need(1).body).toBe('- [ ] works\n- [x] is fast')
  expect(await say('check 1 2 --undo')).toContain('Criterion 2 of item 1 is open again')
})

test('a priority is set', async () => {
  const { sayAll, pipeline } = openDesk()
  expect(await sayAll('story One', 'priority 1 high')).toBe('Item 1 has high priority now: One.')
  expect(pipeline.need(1).priority).toBe('high')
})

test('deletion asks first and says what it would take along; no leaves all as it is', async () => {
  const desk = openDesk()
  await desk.sayAll('story One', 'story depends 1 Two', 'start 1')
  desk.worktrees.add(1)
  desk.runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  const before = desk.everything()
  expect(await desk.say('delete 1')).toBe(
    'Delete item 1 for good: One? coder-1, which works on it, is stopped. Its worktree is removed; the work in it is kept for `recover`. What depends on it would no longer start by itself: #2.',
  )
  expect(await desk.say('no')).toBe('Left as it is.')
  expect(desk.everything()).toEqual(before)
})

test('a deleted item is gone, its number is not used again, and its history stays', async () => {
  const { sayAll, say, pipeline } = openDesk()
  expect(await sayAll('story One', 'delete 1', 'yes')).toBe('Item 1 is deleted: One.')
  expect(pipeline.get(1)).toBeUndefined()
  expect(await say('story Two')).toContain('Item 2 is in the backlog')
  expect(await say('history 1')).toMatch(/Anna: create\n.*Anna: delete$/)
  expect(await say('list')).not.toContain('One')
})

test('the question of one person is not answered by another', async () => {
  const { say, sayAll, pipeline } = openDesk()
  await sayAll('story One', 'delete 1')
  await say('yes', 'max')
  expect(pipeline.get(1)).toBeDefined()
})

test('L50: every change stands in the history with who made it, and what was changed', async () => {
  const { say, clock } = openDesk()
  clock.advance(Date.UTC(2026, 2, 1, 9, 30) - clock.now())
  await say('story One')
  await say('start 1', 'max')
  clock.advance(90_000)
  await say('block 1 The service is down', 'max')
  await say('edit 1 Two')
  expect(await say('history 1', 'vera')).toBe(
    [
      '**History of #1**',
      '- 2026-03-01 09:30 UTC Anna: create',
      '- 2026-03-01 09:30 UTC Max: start (backlog -> coding)',
      '- 2026-03-01 09:31 UTC Max: block (coding -> blocked): The service is down',
      '- 2026-03-01 09:31 UTC Anna: edit: name',
    ].join('\n'),
  )
  expect(await say('show 1')).toContain('- created by Anna at 2026-03-01 09:30 UTC')
})
