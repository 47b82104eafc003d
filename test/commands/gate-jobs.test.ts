import { expect, test } from 'vitest'
import { gateJobReport } from '../../src/commands/gate-job-report.ts'
import type { GateJob } from '../../src/pipeline/gates/gate-jobs.ts'
import type { StageEvent } from '../../src/pipeline/stage.ts'
import { green, red } from '../support/fake-gates.ts'
import { openDesk } from './desk.ts'

const work = { branch: 'feature/item-1', ahead: 1 }

/** A desk with one story in coding that has a worktree. */
async function coding() {
  const desk = openDesk()
  await desk.sayAll('story Add a greeting', 'start 1')
  desk.worktrees.add(1)
  return desk
}

test('run_tests and coverage are begun at once, and say that they report', async () => {
  const { say, gateJobs } = await coding()
  expect(await say('run_tests #1', 'max')).toBe('The gates run on item 1: I report when they end.')
  expect(await say('run_tests')).toBe(
    "The gates run in the project's own checkout: I report when they end.",
  )
  expect(gateJobs.all()).toMatchObject([
    { kind: 'tests', item: undefined, asker: { person: { name: 'Anna' } } },
    {
      kind: 'tests',
      item: 1,
      asker: {
        person: { id: 'terminal:max', name: 'Max' },
        place: { transport: 'terminal', room: 'main' },
      },
    },
  ])
})

test('L15: the same again is refused while it runs, and says for whom it runs', async () => {
  const { sayAll, say } = await coding()
  await sayAll('run_tests 1', 'coverage')
  expect(await say('run_tests 1', 'max')).toBe(
    'Item 1 has its tests under way, for Anna: wait for what it says.',
  )
  expect(await say('coverage')).toBe(
    'The project has its coverage under way, for Anna: wait for what it says.',
  )
})

test('recheck takes what its gates decide about, whoever or whatever blocked it', async () => {
  const { say, sayAll, gateJobs } = await coding()
  expect(await say('recheck 1')).toBe(
    'The gates run on item 1 again: if they pass, it goes on. I report when they end.',
  )
  for (const job of gateJobs.all()) gateJobs.end(job)
  await sayAll('block 1 It failed 4 times', 'recheck 1')
  expect(gateJobs.all()).toMatchObject([{ kind: 'recheck', item: 1 }])
})

test('recheck of a failed merge has the queue judge it again, as it would land', async () => {
  const { say, happen, pipeline } = await coding()
  const gate = { step: 'test', class: 'test', output: 'boom' } as const
  const failed: StageEvent = { type: 'merge-failed', failure: { kind: 'gates', gate } }
  happen(1, { type: 'qa-skipped', work }, failed)
  expect(await say('recheck 1')).toBe(
    'Item 1 is in the merge queue again: the gates judge it there, as it would land.',
  )
  expect(pipeline.need(1).stage.kind).toBe('merge')
})

test('recheck says why it cannot help', async () => {
  const desk = await coding()
  const { say, sayAll, runs, gateJobs, worktrees } = desk
  runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
  expect(await say('recheck 1')).toBe(
    'coder-1 is on item 1, and the gates judge it when that ends: `run_tests 1` shows what they say now.',
  )
  expect(await sayAll('story Two', 'recheck 2')).toContain(
    'Item 2 is in the backlog, where gates decide nothing: `run_tests 2` only shows what they say. What fits: `start 2`',
  )
  expect(await sayAll('spike Three', 'start 3', 'recheck 3')).toContain(
    'Item 3 is a spike, which is never merged',
  )
  expect(await sayAll('story Four', 'start 4', 'recheck 4')).toBe(
    'Item 4 is in coding and has no worktree, so there is nothing to judge.',
  )
  worktrees.kept.clear()
  expect(await say('run_tests 1')).toContain('Item 1 is in coding and has no worktree')
  expect(await say('run_tests 9')).toBe('There is no item 9: look for its number with "list".')
  expect(gateJobs.all()).toEqual([])
})

test('coverage without a program says how to name one', async () => {
  const { say, gateJobs } = openDesk({ measuresCoverage: false })
  expect(await say('coverage')).toContain('`coverage = ["npm", "run", "coverage"]` under `[gates]`')
  expect(gateJobs.all()).toEqual([])
})

test('the report of a job names the failing step and shows its last 25 lines, or says what follows', async () => {
  const { pipeline, happen } = await coding()
  const job = (kind: GateJob['kind'], item?: number): GateJob => ({
    kind,
    item,
    asker: { person: { id: 'a', name: 'A' }, place: { transport: 't', room: 'r' } },
    askedAt: 0,
  })
  const told = (...[job, outcome]: [GateJob, Parameters<typeof gateJobReport>[1]]) =>
    gateJobReport(job, outcome, pipeline)
  const lines = Array.from({ length: 40 }, (_, line) => `line ${line}`)
  const report = { ...red('lint', lines.join('\n')), durationMs: 65_000 }
  expect(told(job('tests', 1), { kind: 'ran', report, wentOn: false })).toBe(
    `the lint fails on item 1 (lint), after 1 min.\n\`\`\`\n${lines.slice(15).join('\n')}\n\`\`\``,
  )
  expect(told(job('tests'), { kind: 'ran', report: green, wentOn: false })).toBe(
    'All gates pass on the project, after 0 s.',
  )
  expect(
    told(job('recheck', 1), { kind: 'ran', report: green, wentOn: false, because: 'it rains' }),
  ).toBe('All gates pass on item 1, after 0 s. It stays in coding, because it rains.')
  happen(1, { type: 'qa-skipped', work })
  expect(told(job('recheck', 1), { kind: 'ran', report: green, wentOn: true })).toBe(
    'All gates pass on item 1, after 0 s. It is in the merge queue: Add a greeting. It lands when it is its turn and its gates pass.',
  )
  const measured = { ...green, output: 'Lines: 93 %\n' }
  expect(told(job('coverage'), { kind: 'ran', report: measured, wentOn: false })).toBe(
    'The coverage of the project, after 0 s:\n```\nLines: 93 %\n```',
  )
  expect(told(job('recheck', 1), { kind: 'not-run', because: 'it has no worktree any more' })).toBe(
    'The recheck of item 1 did not run: it has no worktree any more.',
  )
})
