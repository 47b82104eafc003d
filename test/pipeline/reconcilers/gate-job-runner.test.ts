import { expect, test } from 'vitest'
import { type GateJob, type GateJobKind, GateJobs } from '../../../src/pipeline/gates/gate-jobs.ts'
import { GateRecords } from '../../../src/pipeline/gates/gate-records.ts'
import {
  type GateJobOutcome,
  GateJobRunner,
} from '../../../src/pipeline/reconcilers/gate-job-runner.ts'
import type { WorkState } from '../../../src/pipeline/worktrees.ts'
import { FakeGates, green, red } from '../../support/fake-gates.ts'
import { anna, project } from '../project.ts'
import { events } from '../samples.ts'

const never = new AbortController().signal
const asker = {
  person: { id: 'terminal:anna', name: 'Anna' },
  place: { transport: 'terminal', room: 'main' },
}

/** Two stories in coding with a worktree each, and the jobs that are asked for. */
function running() {
  const started = project()
  const { store, clock, pipeline } = started
  for (const name of ['a', 'b']) {
    const { id } = pipeline.create({ type: 'story', name }, anna)
    pipeline.apply(id, events.start, anna)
  }
  const gates = new FakeGates()
  const coverage = new FakeGates()
  const gateRecords = new GateRecords(store, clock)
  const trees = new Set([1, 2])
  const occupied = new Set<number>()
  const told: (readonly [GateJob, GateJobOutcome])[] = []
  const work: { now: Partial<WorkState> } = { now: {} }
  const jobs = new GateJobs(store)
  const runner = new GateJobRunner({
    ...{ store, pipeline, jobs, gates, coverage, gateRecords, root: '/project' },
    worktrees: {
      find: (item) =>
        trees.has(item)
          ? { item, path: `/trees/${item}`, branch: `feature/item-${item}` }
          : undefined,
      state: async (item) => ({
        ...{ branch: `feature/item-${item}`, head: 'c1', ahead: 1 },
        ...{ uncommitted: [], fingerprint: 't1', ...work.now },
      }),
    },
    defaultQa: 'server',
    isOccupied: (item) => occupied.has(item),
    told: (job, outcome) => void told.push([job, outcome]),
  })
  const begin = (kind: GateJobKind, item?: number) =>
    store.transaction(() => jobs.begin({ kind, item, asker, askedAt: clock.now() }))
  return {
    ...{
      ...started,
      gates,
      coverage,
      gateRecords,
      trees,
      occupied,
      told,
      work,
      jobs,
      runner,
      begin,
    },
    stage: (id: number) => pipeline.need(id).stage.kind,
    /** Carries out all that was asked for. */
    async run() {
      for (const key of runner.keys()) await runner.reconcile(key, never)
    },
    outcomes: () => told.map(([, outcome]) => outcome),
  }
}

test('a job runs where it belongs, is told once, and leaves its item where it is', async () => {
  const { begin, run, gates, told, jobs, runner, stage, clock } = running()
  gates.judge = (directory) => (directory === '/project' ? red('lint') : green)
  begin('tests', 1)
  clock.advance(1)
  begin('tests')
  expect(runner.keysOf(1)).toEqual(['1'])
  expect(runner.keysOf(2)).toEqual([])
  await run()
  await run()
  expect(gates.runs).toEqual(['item-1', 'project'])
  expect(told.map(([{ kind, item }, outcome]) => [kind, item, outcome])).toEqual([
    ['tests', 1, { kind: 'ran', report: green, wentOn: false }],
    ['tests', undefined, { kind: 'ran', report: red('lint'), wentOn: false }],
  ])
  expect(jobs.all()).toEqual([])
  expect(stage(1)).toBe('coding')
})

test('L15: a second job in the same folder is refused while one runs, and allowed after it', async () => {
  const { begin, run } = running()
  begin('tests', 1)
  begin('tests', 2)
  begin('coverage')
  expect(() => begin('tests', 1)).toThrow(/Item 1 has its tests under way, for Anna/)
  expect(() => begin('recheck', 1)).toThrow(/under way/)
  expect(() => begin('tests')).toThrow(/The project has its coverage under way/)
  await run()
  expect(() => begin('recheck', 1)).not.toThrow()
})

test('a green recheck sends its item on, from coding or from where it was blocked there', async () => {
  const { begin, run, pipeline, stage, outcomes } = running()
  pipeline.apply(2, events.block, anna)
  begin('recheck', 1)
  begin('recheck', 2)
  await run()
  expect([stage(1), stage(2)]).toEqual(['merge', 'merge'])
  expect(outcomes()).toMatchObject([{ wentOn: true }, { wentOn: true }])
  expect(pipeline.history(2).map(({ event }) => event)).toEqual([
    ...['create', 'start', 'block', 'unblock', 'qa-skipped'],
  ])
  expect(pipeline.history(2).at(-1)?.by).toEqual({
    kind: 'person',
    id: 'terminal:anna',
    name: 'Anna',
  })
})

test('a green recheck asks for QA where the item wants it', async () => {
  const { begin, run, pipeline, stage } = running()
  pipeline.edit(1, { qa: 'human' }, anna)
  begin('recheck', 1)
  await run()
  expect(stage(1)).toBe('review-hold')
})

test('a red recheck changes nothing but what is known of the gates', async () => {
  const { begin, run, pipeline, gates, gateRecords, outcomes } = running()
  pipeline.apply(1, events.block, anna)
  const before = pipeline.history(1)
  gates.judge = () => red('test')
  begin('recheck', 1)
  await run()
  expect(outcomes()).toEqual([{ kind: 'ran', report: red('test'), wentOn: false }])
  expect(pipeline.history(1)).toEqual(before)
  expect(gateRecords.of(1)).toMatchObject({ place: 'branch', tree: 't1', passed: false })
})

test('a green recheck leaves its item alone where something has come between', async () => {
  const cases: readonly (readonly [string, (world: ReturnType<typeof running>) => void])[] = [
    ['it has been moved meanwhile', ({ pipeline }) => pipeline.apply(1, events.freeze, anna)],
    [
      'an agent has taken it up meanwhile, and is judged when it ends',
      ({ occupied }) => occupied.add(1),
    ],
    [
      'its branch has changed meanwhile',
      ({ work }) => Object.assign(work, { now: { head: 'c2' } }),
    ],
    ['its branch has changed meanwhile', ({ trees }) => trees.delete(1)],
  ]
  for (const [because, happen] of cases) {
    const world = running()
    world.gates.judge = () => {
      happen(world)
      return green
    }
    world.begin('recheck', 1)
    await world.run()
    expect(world.outcomes()).toMatchObject([{ wentOn: false, because }])
    expect(world.stage(1)).not.toBe('merge')
  }
  const { work, begin, run, outcomes } = running()
  work.now = { ahead: 0 }
  begin('recheck', 1)
  await run()
  expect(outcomes()).toMatchObject([{ because: 'it has no commits that could be merged' }])
})

test('an item that was deleted meanwhile ends its job', async () => {
  const { begin, run, pipeline, trees, gates, jobs, outcomes } = running()
  begin('recheck', 1)
  gates.judge = () => {
    pipeline.delete(1, anna)
    return green
  }
  await run()
  expect(outcomes()).toMatchObject([{ wentOn: false }])
  trees.clear()
  begin('tests', 2)
  await run()
  expect(outcomes().at(-1)).toEqual({ kind: 'not-run', because: 'it has no worktree any more' })
  expect(jobs.all()).toEqual([])
})

test('a job that a stop or a crash cut short is run again by the next start', async () => {
  const { begin, gates, runner, jobs, told, store, run } = running()
  begin('recheck', 1)
  const stopping = new AbortController()
  gates.judge = () => {
    stopping.abort(new Error('stopping'))
    throw stopping.signal.reason
  }
  await expect(runner.reconcile('1', stopping.signal)).rejects.toThrow('stopping')
  expect(new GateJobs(store).all()).toEqual(jobs.all())
  expect(jobs.all()).toHaveLength(1)
  gates.judge = () => green
  await run()
  expect(told).toHaveLength(1)
})

test('coverage is what its own program says of the project', async () => {
  const { begin, run, coverage, gates, outcomes } = running()
  coverage.judge = () => ({ ...green, output: '93 %' })
  begin('coverage')
  await run()
  expect([coverage.runs, gates.runs]).toEqual([['project'], []])
  expect(outcomes()).toMatchObject([{ report: { output: '93 %' } }])
})
