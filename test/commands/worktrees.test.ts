import { expect, test } from 'vitest'
import { openDesk } from './desk.ts'

/** A story in each of these stages, all with a worktree: coding, backlog, rejected, deleted. */
async function four() {
  const desk = openDesk()
  for (const name of ['One', 'Two', 'Three', 'Four']) await desk.say(`story ${name}`)
  await desk.sayAll('start 1', 'start 3', 'hold 3 Look', 'reject 3 --close No')
  for (const item of [1, 2, 3, 4]) desk.worktrees.add(item)
  await desk.sayAll('delete 4', 'yes')
  return desk
}

test('worktrees tells what each holds, and which no item needs any more', async () => {
  const { say, worktrees, facts } = await four()
  expect(await say('worktrees', 'vera')).toBe(
    [
      '- #1 in `/trees/item-1`: in coding, with nothing that is not merged',
      '- #2 in `/trees/item-2`: in the backlog, with nothing that is not merged',
      '- #3 in `/trees/item-3`: rejected, with nothing that is not merged',
      '- #4 in `/trees/item-4`: deleted, with nothing that is not merged',
      '',
      'No item needs #3 and #4 any more: `worktrees --confirm` removes what is there, `rmtree N` one alone.',
    ].join('\n'),
  )
  worktrees.work = { ahead: 2, uncommitted: ['a.txt'] }
  expect(await say('cleanup_worktrees')).toContain(
    '#3 in `/trees/item-3`: rejected, with 2 commits that are not merged and 1 file not committed',
  )
  facts.merged = true
  expect(await say('worktrees')).toContain('rejected, with 1 file not committed')
})

test('worktrees --confirm removes those alone, and says what was in them', async () => {
  const { say, worktrees } = await four()
  worktrees.work = { ahead: 1 }
  expect(await say('worktrees --confirm', 'vera')).toBe(
    'Only members may remove worktrees: ask one of them.',
  )
  expect(worktrees.all()).toHaveLength(4)
  expect(await say('worktrees --confirm', 'max')).toBe(
    [
      '2 worktrees are removed. `recover N` brings one back with all that was in it.',
      '- #3 in `/trees/item-3`: rejected, with 1 commit that is not merged',
      '- #4 in `/trees/item-4`: deleted, with 1 commit that is not merged',
    ].join('\n'),
  )
  expect(worktrees.all().map(({ item }) => item)).toEqual([1, 2])
  expect(await say('worktrees --confirm')).toBe(
    'No worktree is to be removed: every item needs its own.',
  )
  expect(await say('worktrees')).toContain('Each is needed, or kept for an item that waits.')
})

test('rmtree removes one, after a question where it holds what is not merged', async () => {
  const { say, worktrees, sayAll } = await four()
  expect(await say('rmtree 3')).toBe(
    'The worktree of item 3 is removed: `recover 3` brings it back.',
  )
  worktrees.work = { ahead: 1, uncommitted: ['a.txt', 'b.txt'] }
  expect(await say('rmtree 2')).toBe(
    'The worktree of item 2 holds 1 commit that is not merged and 2 files not committed. Remove it all the same? `recover 2` brings it back.',
  )
  expect(await say('no')).toBe('Left as it is.')
  expect(worktrees.find(2)).toBeDefined()
  expect(await sayAll('rmtree 2', 'yes')).toBe(
    'The worktree of item 2 is removed: `recover 2` brings it back.',
  )
  expect(await say('rmtree 2')).toBe('Item 2 has no worktree: `worktrees` lists them.')
})

test('a worktree that is needed is never removed', async () => {
  const { say, runs, worktrees } = await four()
  expect(await say('rmtree 1')).toBe(
    'Item 1 is in coding and needs its worktree: `abandon 1` or `move 1 backlog` comes first.',
  )
  runs.claim({ item: 3, agent: 'helper', role: 'other', attempt: 1 })
  expect(await say('rmtree 3')).toBe(
    'helper is on item 3 and needs its worktree: `stop 3` ends that.',
  )
  expect(await say('worktrees --confirm')).toContain('1 worktree is removed.')
  expect(worktrees.all().map(({ item }) => item)).toEqual([1, 2, 3])
})

test('what a crash has left half made is removed only after a question', async () => {
  const { say, worktrees } = await four()
  worktrees.broken.add(3)
  expect(await say('worktrees')).toContain('rejected, with what a crash has left of it')
  expect(await say('rmtree 3')).toContain(
    'The worktree of item 3 holds what a crash has left of it. Remove it all the same?',
  )
})

test('without worktrees there is nothing to list', async () => {
  const { say } = openDesk()
  expect(await say('worktrees')).toBe('There are no worktrees: an item gets one when it starts.')
})
