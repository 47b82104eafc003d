import { expect, test } from 'vitest'
import { openDesk } from './desk.ts'

const work = { branch: 'feature/item-1', ahead: 1 }
const commit = 'abc1234def'

/** A desk with one story that has landed. */
async function landed() {
  const desk = openDesk()
  await desk.sayAll('story Add a *greeting*', 'start 1')
  desk.happen(
    1,
    { type: 'qa-skipped', work },
    { type: 'merge-started' },
    { type: 'merged', commit },
  )
  return desk
}

test('overview shows the commit, the files and the lines of what was merged', async () => {
  const { say, facts, sayAll } = await landed()
  facts.commits.set(commit, [
    ['src/greet.ts', 10, 2],
    ['a`b.md', 1, 0],
  ])
  const shown =
    '**#1 Add a \\*greeting\\*** landed as abc1234 at 1970-01-01 00:00 UTC: 2 files, 11 lines added and 2 removed.\n- `src/greet.ts` +10 -2\n- `` a`b.md `` +1 -0'
  expect(await say('overview 1', 'vera')).toBe(shown)
  expect(await sayAll('move 1 archived', 'overview 1')).toBe(shown)
})

test('overview of many files says how many more there are', async () => {
  const { say, facts } = await landed()
  facts.commits.set(
    commit,
    Array.from({ length: 23 }, (_, file) => [`${file}.txt`, 1, 0] as const),
  )
  expect(await say('overview 1')).toMatch(/- `19.txt` \+1 -0\n- \.\.\. and 3 more$/)
})

test('overview says where there is nothing to show, and why', async () => {
  const { say, sayAll } = await landed()
  expect(await say('overview 1')).toBe(
    'Item 1 landed as abc1234, which the repository does not have any more: `history 1` is what is left.',
  )
  expect(await sayAll('story Two', 'close 2', 'overview 2')).toBe(
    'Item 2 is done, and nothing of it is merged: `diff 2` shows its work so far.',
  )
})

test('unreleased and release-notes tell what was merged since the last tag', async () => {
  const { say, facts } = await landed()
  expect(await say('unreleased')).toBe('No item was merged so far.')
  facts.past = {
    since: 'v1.0',
    commits: [
      { id: 'fff0000aaa', subject: 'huskies: merge 2 bug Mend <it>' },
      { id: commit, subject: 'huskies: merge 1' },
    ],
  }
  expect(await say('unreleased', 'vera')).toBe(
    'Merged since v1.0, the newest first:\n- #2 Mend \\<it\\> (fff0000)\n- #1 Add a \\*greeting\\* (abc1234)',
  )
  expect(await say('release-notes', 'vera')).toBe(
    '## Features\n\n- Add a \\*greeting\\* (1)\n\n## Fixes\n\n- Mend \\<it\\> (2)',
  )
  facts.past = { commits: [] }
  expect(await say('release-notes v2')).toBe('No item was merged since v2.')
})

test('whatsup says in three lines what is worked on, what is next and what waits for a person', async () => {
  const { say, sayAll, runs, happen, waits, clock } = openDesk()
  expect(await say('whatsup')).toBe(
    '- Working: nothing.\n- Next: nothing.\n- Waiting for you: nothing.',
  )
  for (const name of ['One', 'Two', 'Three', 'Four', 'Five', 'Six']) await say(`story ${name}`)
  await sayAll('start 1', 'start 2', 'start 3', 'start 4', 'start 5', 'block 5 No network')
  runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  for (const id of [3, 4]) happen(id, { type: 'qa-skipped', work: { ...work, ahead: id } })
  happen(3, { type: 'merge-started' })
  clock.advance(60_000)
  expect(await say('whatsup', 'vera')).toBe(
    [
      '- Working: coder-1 on #1 One (1 min), the merge of #3 Three.',
      '- Next: #4 Four (merge), #2 Two (an agent).',
      '- Waiting for you: #5 Five (blocked).',
    ].join('\n'),
  )
  waits.set(4, 'Waits until a.txt can be overwritten: commit or stash your changes.')
  expect(await say('whatsup')).toContain(
    '- Waiting for you: #5 Five (blocked), #4 Four (Waits until a.txt can be overwritten: commit or stash your changes.).',
  )
})

test('git shows how the base branch and the checkout stand', async () => {
  const { say, facts, worktrees } = openDesk()
  expect(await say('git', 'vera')).toBe(
    '- `main` is at abc1234: first\n- It follows no branch of a remote\n- Everything is committed\n- Worktrees: none',
  )
  worktrees.add(3)
  facts.now = {
    ...facts.now,
    upstream: { name: 'origin/main', ahead: 2, behind: 1 },
    checkedOut: 'feature/mine',
    uncommitted: Array.from({ length: 12 }, (_, file) => `${file}.txt`),
  }
  expect(await say('git')).toMatch(
    /- It is 2 ahead of and 1 behind `origin\/main`, as that was last fetched\n- Checked out is `feature\/mine`\n- Not committed: `0.txt`, .*`9.txt` and 2 more\n- Worktrees: #3$/,
  )
  facts.now = { ...facts.now, upstream: { name: 'origin/main', ahead: 0, behind: 0 } }
  expect(await say('git')).toContain('It is where `origin/main` was when that was last fetched')
})

test('loc shows the longest files', async () => {
  const { say } = openDesk()
  expect(await say('loc', 'vera')).toBe(
    '302 lines in 2 text files:\n- 300 `src/long.ts`\n- 2 `` a`b.md ``',
  )
})

test('an epic shows how far its items are, whether they are done, given up or under way', async () => {
  const { say, sayAll } = openDesk()
  await say('epic Big')
  expect(await say('status 1')).toContain('- It groups no items yet.')
  for (const name of ['One', 'Two', 'Three', 'Four']) await say(`story epic 1 ${name}`)
  await sayAll('close 2', 'close 3', 'move 3 archived', 'abandon 4', 'start 5')
  const progress = [
    '- 2 of 4 items done, 1 given up:',
    '  - #2 One: done',
    '  - #3 Two: archived',
    '  - #4 Three: abandoned',
    '  - #5 Four: in coding',
  ].join('\n')
  expect(await say('status 1')).toContain(progress)
  expect(await say('show 1')).toContain(progress)
})
