import { expect, test } from 'vitest'
import type { StageEvent } from '../../src/pipeline/stage.ts'
import { green, red } from '../support/fake-gates.ts'
import { openDesk } from './desk.ts'

const work = { branch: 'feature/item-1', ahead: 2 }
const commit = 'abc1234def'

test('status shows the board: what works on what, what waits, and who is free', async () => {
  const { sayAll, say, runs, changes } = openDesk()
  await sayAll('story One', 'story depends 1 Two', 'start 1')
  runs.claim({ item: 1, agent: 'coder-2', role: 'coder', attempt: 1 })
  changes.set(1, { modified: 3, added: 1 })
  expect(await say('status', 'vera')).toBe(
    [
      '**Backlog**\n- ⚪ **#2** Two · waiting on #1',
      '**In progress**\n- 🟢 **#1** One · coder-2 (quick) · 3 modified, 1 new',
      'Free agents: coder-1, mender, helper',
    ].join('\n\n'),
  )
})

test('an empty board says how to begin', async () => {
  const { say } = openDesk()
  expect(await say('status')).toContain('There are no items yet')
  expect(await say('list')).toBe('Nothing yet. Begin with `story TITLE`.')
  expect(await say('backlog')).toBe('The backlog is empty. Fill it with `story TITLE`.')
})

test('the board shows what the merge queue is at, and what waits in it', async () => {
  const { sayAll, say, happen, waits } = openDesk()
  await sayAll('story One', 'story Two', 'start 1', 'start 2')
  happen(1, { type: 'qa-skipped', work })
  happen(2, { type: 'qa-skipped', work })
  happen(1, { type: 'merge-started' })
  expect(await say('status')).toContain('- 🟢 **#1** One\n')
  expect(await say('status')).toContain('- ⚪ **#2** Two · queued (1)')
  expect(await say('status 1')).toContain('- Its merge is under way')
  waits.set(1, 'Waits until a.txt in /project can be overwritten: commit or stash your changes.')
  expect(await say('status 1')).toContain('- Waits until a.txt in /project can be overwritten')
  expect(await say('status')).toContain(
    '- ⚪ **#1** One · queued (1) · Waits until a.txt in /project can be overwritten',
  )
})

test('L40: an item that was frozen in any stage stays on the board', async () => {
  const ways: (readonly StageEvent[])[] = [
    [],
    [{ type: 'start' }],
    [{ type: 'start' }, { type: 'block', reason: 'No network' }],
    [{ type: 'start' }, { type: 'gates-passed', work }],
    [{ type: 'start' }, { type: 'hold', reason: 'Look' }],
    [{ type: 'start' }, { type: 'qa-skipped', work }],
    [
      { type: 'start' },
      { type: 'qa-skipped', work },
      { type: 'merge-failed', failure: { kind: 'conflict', detail: 'a.txt' } },
    ],
    [{ type: 'close' }],
  ]
  for (const events of ways) {
    const { say, happen } = openDesk()
    await say('story Add a greeting')
    happen(1, ...events)
    const section = (board: string) =>
      board
        .split('\n\n')
        .find((part) => part.includes('#1'))
        ?.split('\n')[0]
    const before = section(await say('status'))
    await say('freeze 1')
    const board = await say('triage')
    expect(board).toContain('❄️ **#1** Add a greeting')
    expect(section(board)).toBe(before)
  }
})

test('status N shows an item whole while its agent works', async () => {
  const { sayAll, say, runs, worktrees, clock, happen } = openDesk()
  await sayAll('story Add a greeting\n- [x] says hello\n- [ ] in German', 'start 1')
  happen(1, { type: 'gates-failed', failure: 'test failed (test)\nexpected: hello\ngot: nothing' })
  runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 2 })
  worktrees.add(1)
  worktrees.work = { ahead: 1, uncommitted: ['a.txt', 'b.txt'] }
  clock.advance(150_000)
  expect(await say('status 1', 'vera')).toBe(`**#1 Add a greeting** (story)

- It is in coding, after 1 retry.
- coder-1 is at it, for 2 min (attempt 2).
- 1 of 2 criteria met:
  - ☑ 1. says hello
  - ☐ 2. in German
- Its branch is \`feature/item-1\`, 1 commit ahead.
- Not committed: \`a.txt\`, \`b.txt\`.
- Follow the agent with \`log 1\`.

The last attempt: test failed (test)
\`\`\`
expected: hello
got: nothing
\`\`\``)
})

test('status N shows what the gates said last, and never an old failure of what is done', async () => {
  const { sayAll, say, happen, gateRecords, clock } = openDesk()
  await sayAll('story One', 'start 1')
  happen(1, { type: 'hold', reason: 'Look at it' }, { type: 'approve' })
  gateRecords.keep(1, { place: 'branch', tree: 'one' }, red('test', 'expected 1, got 2'))
  clock.advance(120_000)
  const report = await say('status 1')
  expect(report).toContain('- Its gates failed on its branch, 2 min ago, in 0 s: the test.')
  expect(report).toContain('```\nexpected 1, got 2\n```')
  happen(1, { type: 'close' })
  expect(await say('status 1')).not.toContain('expected 1')
  gateRecords.keep(1, { place: 'merge', tree: 'two' }, green, 'script/test')
  expect(await say('status 1')).toContain(
    '- Its gates passed on what was to land, 0 s ago, in 0 s; script/test failed at first, and passed when it was repeated.',
  )
})

test('status N shows what the last qa agent to judge it said, and why', async () => {
  const { sayAll, say, runs, verdicts, clock } = openDesk()
  await sayAll('story Add a greeting\n- [ ] says hello\n- [ ] in German', 'start 1')
  const judge = () => runs.claim({ item: 1, agent: 'quinn', role: 'qa', attempt: 1 })
  const run = judge()
  const criteria = [
    { criterion: 1, met: true, why: 'greet.ts says it' },
    { criterion: 2, met: false, why: 'It is *English*.\nAll of it.' },
  ]
  verdicts.keep(run, { passed: false, reason: 'Half of it is there', criteria })
  runs.end(run)
  clock.advance(180_000)
  runs.end(judge())
  expect(await say('status 1')).toContain(`
- quinn rejected it 3 min ago: Half of it is there.
  - 1. met: greet.ts says it.
  - 2. not met: It is \\*English\\*.
`)
})

test('status N says why an item waits, and for whom', async () => {
  const { sayAll, say, runs } = openDesk()
  await sayAll('story One', 'assign 1 coder-2', 'start 1')
  expect(await say('status 1')).toContain('- Its agent is to be coder-2.')
  expect(await say('status 1')).toContain('- It waits for an agent: ')
  const run = runs.claim({ item: 1, agent: 'coder-2', role: 'coder', attempt: 1 })
  runs.exited(run, { kind: 'completed' })
  expect(await say('status 1')).toContain('- coder-2 has ended, and its work is being judged.')
  await say('stop 1')
  expect(await say('status 1')).toContain('- coder-2 is being stopped: Stopped by Anna.')
})

test('status says that no agent starts on a full disk, for the board and for an item', async () => {
  const { sayAll, say } = openDesk({ freeSpace: 120_500_000 })
  await sayAll('story One', 'start 1')
  const why =
    'only 120 MB of the disk are free, and agents start from 500 MB on (min_free_mb in project.toml)'
  expect(await say('status')).toContain(`\n\nNo agent starts now: ${why}.`)
  await say('pause')
  expect(await say('status')).toMatch(/No agent starts now: .*\n\nThe pipeline is paused/)
})

test('L41: a done item shows no failure anywhere, whatever it went through', async () => {
  const { sayAll, say, happen, told } = openDesk()
  await sayAll('story One', 'start 1')
  happen(
    1,
    { type: 'gates-failed', failure: 'lint failed (lint)\nboom' },
    { type: 'qa-skipped', work },
    { type: 'merge-failed', failure: { kind: 'conflict', detail: 'boom' } },
    { type: 'requeue' },
    { type: 'merge-started' },
  )
  const before = told().length
  happen(1, { type: 'merged', commit })
  for (const command of ['status', 'status 1', 'list', 'show 1', 'find one'])
    expect(await say(command), command).not.toMatch(/boom|fail|❌|⛔/)
  expect(told().slice(before)).toEqual(['Item 1 is on main: One (abc1234).'])
  expect(await say('status 1')).toContain('It is done, as commit abc1234.')
})

test('show has the text and what was said of the item', async () => {
  const { sayAll, say } = openDesk()
  await sayAll('epic Big', 'story Before')
  await say('story depends 2 epic 1 qa human priority high Add a greeting\nSay **hello**.')
  expect(await say('show 3')).toBe(`**#3 Add a greeting**

Say **hello**.

- story, in the backlog
- priority: high
- qa: human
- depends on: #2 Before
- epic: #1 Big
- created by Anna at 1970-01-01 00:00 UTC`)
  await sayAll('delete 2', 'yes')
  expect(await say('show 3')).toContain('- depends on: #2 (deleted)')
})

test('list has all that is not archived, with why it stands where it stands', async () => {
  const { sayAll, say } = openDesk()
  await sayAll('story One', 'bug Two', 'spike Three', 'block 1 No network', 'close 2', 'close 3')
  await say('move 3 archived')
  expect(await say('list')).toBe('- #1 One (story, blocked: No network)\n- #2 Two (bug, done)')
})

test('find looks in titles and texts, the best first, and says how many more there are', async () => {
  const { sayAll, say } = openDesk()
  await sayAll(
    'story A red fish\nIt can sing',
    'story Sing',
    'story Sing a red song',
    'story Dance',
  )
  const found = async (text: string) =>
    [...(await say(`find ${text}`)).matchAll(/#(\d+)/g)].map(([, id]) => Number(id))
  expect(await found('SING')).toEqual([2, 3, 1])
  expect(await found('red sing')).toEqual([3, 1])
  expect(await say('find whale')).toBe('No item has "whale" in its title or text.')
  for (let count = 0; count < 21; count++) await say('story Whale')
  expect(await say('find whale')).toMatch(/- \.\.\. and 1 more$/)
})

test('diff is a code block that its own text cannot end, and is cut with a notice', async () => {
  const { sayAll, say, worktrees } = openDesk()
  expect(await sayAll('story One', 'diff 1')).toBe(
    'Item 1 is in the backlog and has no worktree, so there is no diff.',
  )
  worktrees.add(1)
  expect(await say('diff 1')).toBe('Item 1 has changed nothing yet.')
  worktrees.text = '+```js\n+done\n'
  expect(await say('diff 1')).toBe('````diff\n+```js\n+done\n````')
  worktrees.text = Array.from({ length: 230 }, (_, line) => `+${line}`).join('\n')
  expect(await say('diff 1')).toMatch(
    /\+199\n```\n30 more lines: the whole of it is in `\/trees\/item-1`\.$/,
  )
})

test('log shows the last lines of the newest run', async () => {
  const { sayAll, say, runs, host } = openDesk()
  expect(await sayAll('story One', 'log 1')).toBe(
    'No agent has worked on item 1 yet. See why with `status 1`.',
  )
  const run = runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  expect(await say('log 1')).toBe('coder-1 is about to start, and has said nothing.')
  host.said = 'one\ntwo\nthree\n'
  runs.end(run)
  expect(await say('log 1 2')).toBe('coder-1 has ended:\n```\ntwo\nthree\n```')
})

test('log follows a run until that has ended, in the message that it began with', async () => {
  const { sayAll, say, runs, host, clock, outbox, heard, store } = openDesk()
  await sayAll('story One', 'start 1')
  const run = runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  host.said = 'one\n'
  await say('log 1 2')
  // The whole of it is on its network now.
  store.transaction(() => {
    for (const { id } of outbox.unfinished()) outbox.sent(id, `net-${id}`)
  })
  const shown = async () => {
    clock.advance(5_000)
    await new Promise(setImmediate)
    return heard().at(-1)
  }
  host.said = 'one\ntwo\nthree\n'
  expect(await shown()).toBe('coder-1 is about to start:\n```\ntwo\nthree\n```')
  runs.end(run)
  expect(await shown()).toBe('coder-1 has ended:\n```\ntwo\nthree\n```')
  const all = heard().length
  host.said = 'four\n'
  await shown()
  expect(heard()).toHaveLength(all)
})

test('agents says who is free and what each works on', async () => {
  const { sayAll, say, runs, clock } = openDesk()
  await sayAll('story One', 'start 1')
  runs.claim({ item: 1, agent: 'coder-2', role: 'coder', attempt: 1 })
  clock.advance(5_000)
  expect(await say('agents')).toBe(
    [
      '- coder-1 (coder, shell): free',
      '- coder-2 (coder, shell, quick): works on #1 One, for 5 s',
      '- mender (mergemaster, shell): free',
      '- helper (other, shell): free',
    ].join('\n'),
  )
})

test('L63: version is that of the running program', async () => {
  const { say } = openDesk()
  expect(await say('version', 'vera')).toBe('Huskies 0.1.0 (1a2b3c4).')
})

test('whoami shows the id that the network vouches for, and the role', async () => {
  const { say } = openDesk()
  expect(await say('whoami', 'vera')).toBe(
    'You are Vera (`terminal:vera`), with the role viewer: you may look.',
  )
})
