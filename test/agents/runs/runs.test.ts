import { expect, it, onTestFinished } from 'vitest'
import type { Claim } from '../../../src/agents/runs/run-table.ts'
import { SqliteRuns } from '../../../src/agents/runs/runs.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { memoryStore } from '../../support/memory-store.ts'

const identity = { pid: 7, startTime: '1', bootId: 'boot-1' }

function open() {
  const store = memoryStore()
  onTestFinished(() => store.close())
  const clock = new FakeClock(1_000)
  const runs = new SqliteRuns(store, clock)
  /** What the next start of the program reads from the same database. */
  const reload = () => new SqliteRuns(store, clock)
  return { store, clock, runs, reload }
}

function claimOf(item: number, agent = `coder-${item}`): Claim {
  return { item, agent, role: 'coder', attempt: 1 }
}

it('L03: refuses a second claim of an item, whatever the role, until the first has ended', () => {
  const { runs } = open()
  const first = runs.claim(claimOf(1, 'a'))
  const qa: Claim = { item: 1, agent: 'b', role: 'qa', attempt: 1 }
  expect(() => runs.claim(qa)).toThrow('UNIQUE')
  runs.running(first, identity)
  expect(() => runs.claim(qa)).toThrow('UNIQUE')
  runs.exited(first, { kind: 'completed' })
  expect(() => runs.claim(qa)).toThrow('UNIQUE')
  runs.end(first)
  expect(runs.claim(qa)).toMatchObject({ id: 'r2', state: 'claimed' })
})

it('lets an agent of stage other work beside the one that has the item', () => {
  const { runs } = open()
  runs.claim({ item: 1, agent: 'helper', role: 'other', attempt: 1 })
  const coder = runs.claim(claimOf(1))
  expect(runs.activeOf(1)).toEqual(coder)
})

it('refuses an agent a second item until the process of the first is verified gone', () => {
  const { runs } = open()
  const first = runs.claim(claimOf(1, 'a'))
  runs.running(first, identity)
  expect(() => runs.claim(claimOf(2, 'a'))).toThrow('UNIQUE')
  runs.exited(first, { kind: 'completed' })
  expect(runs.claim(claimOf(2, 'a')).item).toBe(2)
})

it('never gives a number twice, not even after its row was deleted', () => {
  const { store, runs, reload } = open()
  runs.end(runs.claim(claimOf(1)))
  store.db.exec('DELETE FROM runs')
  const next = reload().claim(claimOf(1))
  expect(next).toMatchObject({ id: 'r2', token: 2 })
})

it('tells a stale writer so, and changes nothing', () => {
  const { runs } = open()
  const stale = runs.claim(claimOf(1))
  runs.end(stale)
  const current = runs.claim(claimOf(1))
  expect(runs.running(stale, identity)).toBeUndefined()
  expect(runs.exited(stale, { kind: 'completed' })).toBeUndefined()
  expect(runs.stop(stale, { reason: 'late', by: 'anna', next: 'block' })).toBeUndefined()
  expect(runs.end(stale)).toBeUndefined()
  expect(runs.active()).toEqual([current])
})

it('allows each change of state only once', () => {
  const { runs } = open()
  const run = runs.claim(claimOf(1))
  expect(runs.running(run, identity)).toMatchObject({ state: 'running', identity })
  expect(runs.running(run, identity)).toBeUndefined()
  expect(runs.exited(run, { kind: 'completed' })).toMatchObject({ state: 'exited' })
  expect(runs.exited(run, { kind: 'interrupted' })).toBeUndefined()
  expect(runs.end(run)).toMatchObject({ state: 'ended', outcome: { kind: 'completed' } })
  expect(runs.end(run)).toBeUndefined()
})

it('reads every field back after a restart', () => {
  const { clock, runs, reload } = open()
  const run = runs.claim(claimOf(3, 'coder-3'))
  runs.running(run, identity)
  runs.progress(run, 4_096, 'session-1')
  runs.stop(run, { reason: 'enough', by: 'anna', next: 'hold' })
  runs.survived(run, [7, 8])
  expect(reload().active()).toEqual(runs.active())
  expect(reload().activeOf(3)).toMatchObject({
    offset: 4_096,
    session: 'session-1',
    stop: { next: 'hold' },
    survivors: [7, 8],
  })
  runs.exited(run, { kind: 'failed', reason: 'no' })
  clock.advance(500)
  const ended = runs.end(run)
  expect(reload().active()).toEqual([])
  expect(reload().get('r1')).toEqual(ended)
  expect(ended).toMatchObject({ startedAt: 1_000, endedAt: 1_500 })
  expect(ended?.survivors).toBeUndefined()
})

it('forgets in memory too what a rolled back transaction had done', () => {
  const { store, runs } = open()
  const run = runs.claim(claimOf(1))
  const heard: number[] = []
  runs.changed.listen((item) => heard.push(item))
  expect(() =>
    store.transaction(() => {
      runs.running(run, identity)
      runs.end(run)
      runs.claim(claimOf(1))
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(runs.active()).toEqual([run])
  expect(heard).toEqual([])
})

it('counts a run with survivors as exited only when a person releases it', () => {
  const { runs } = open()
  const run = runs.claim(claimOf(1))
  expect(runs.release(1)).toBeUndefined()
  runs.survived(run, [7])
  expect(runs.release(1)).toMatchObject({ state: 'exited', survivors: [7] })
})

it('finds nothing under an id that is no run', () => {
  const { runs } = open()
  for (const id of ['', 'r', 'r0', 'chat-1', 'r1 OR 1']) expect(runs.get(id)).toBeUndefined()
})
