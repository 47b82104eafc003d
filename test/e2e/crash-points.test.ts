import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { GateRecords } from '../../src/pipeline/gates/gate-records.ts'
import {
  git,
  opened,
  openPipeline,
  openStore,
  passedFile,
  prepareScenario,
  remoteOf,
  rootOf,
  settleScenario,
  type Way,
} from '../support/merge-scenario.ts'
import { seeded } from '../support/seeded.ts'
import { until } from '../support/until.ts'

const program = join(import.meta.dirname, '../support/merge-program.ts')
const all = mkdtempSync(join(tmpdir(), 'huskies-points-'))
afterAll(() => rmSync(all, { recursive: true, force: true }))
const prepared = join(all, 'prepared')
const subjects = ['huskies: merge 2 story Two', 'huskies: merge 1 story One', 'first']
/** Whether all is played at every point, and not only at those where it may make a difference. */
const isThorough = process.env.HUSKIES_ALL_POINTS !== undefined

/**
 * Plays in a process of its own; killed at that point, counted from 1, where it comes so far: what
 * happens side by side does not take the same number of steps each time. Returns the points passed.
 */
function play(folder: string, way: Way = 'alone', killedAt?: number): string[] {
  const args = [program, folder, way, ...(killedAt === undefined ? [] : [String(killedAt)])]
  const ended = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(ended.stderr).toBe('')
  const passed = ended.stdout.trimEnd().split('\n')
  if (killedAt !== undefined && ended.signal === 'SIGKILL') return passed
  expect(ended.status).toBe(0)
  expect(passed.length).toBeLessThan(killedAt ?? Number.POSITIVE_INFINITY)
  return passed
}

function copy(): string {
  const folder = mkdtempSync(join(all, 'killed-'))
  cpSync(prepared, folder, { recursive: true })
  return folder
}

function log(folder: string): string[] {
  return git(folder, 'log', '--format=%s', 'main').split('\n')
}

/** The base branch is before or after, never between, and all that is in it has passed. */
function expectSound(folder: string): void {
  const file = passedFile(folder)
  const passed = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  for (const repository of [rootOf(folder), remoteOf(folder)]) {
    const landed = log(repository)
    expect(landed).toEqual(subjects.slice(-landed.length))
    const trees = git(repository, 'log', '--format=%T', 'main').split('\n').slice(0, -1)
    for (const tree of trees) expect(passed).toContain(tree)
    expect(git(repository, 'fsck', '--strict', '--no-dangling')).toBe('')
  }
  expect(opened(folder)).toEqual([...new Set(opened(folder))])
}

function expectSettled(folder: string, way: Way = 'alone'): void {
  const root = rootOf(folder)
  expectSound(folder)
  expect(log(root)).toEqual(subjects)
  const isShared = way === 'push' || way === 'pr'
  expect(log(remoteOf(folder))).toEqual(isShared ? subjects : subjects.slice(-1))
  expect(opened(folder)).toEqual(way === 'pr' ? ['huskies/item-1', 'huskies/item-2'] : [])
  expect(git(root, 'status', '--porcelain')).toBe('M mine.txt')
  expect(readFileSync(join(root, 'mine.txt'), 'utf8')).toBe('mine\n')
  expect(readdirSync(join(root, '.git')).filter((name) => /lock|huskies/.test(name))).toEqual([])
  const store = openStore(folder)
  const pipeline = openPipeline(store)
  const records = new GateRecords(store, systemClock)
  for (const { id, stage } of pipeline.all()) {
    const commit = git(root, 'rev-parse', `main~${2 - id}`)
    expect(stage).toMatchObject({ kind: 'done', commit })
    const tree = git(root, 'rev-parse', `${commit}^{tree}`)
    expect(records.of(id)).toMatchObject({ place: 'merge', passed: true, tree })
    const events = pipeline.history(id).map(({ event }) => event)
    expect(events.filter((event) => event === 'merged')).toHaveLength(1)
    expect(events).not.toContain('merge-failed')
  }
  for (const table of ['landings', 'pushes', 'proposals'])
    expect(store.db.prepare(`SELECT * FROM ${table}`).all()).toEqual([])
  store.close()
}

mkdirSync(prepared)
prepareScenario(prepared)
const points = play(copy())

describe('A merge that is killed with -9 at a point, and started again, lands each item exactly once', () => {
  // The second item passes the points of the first again: there, one in four is enough.
  const cases = points
    .map((name, index) => [index + 1, name] as const)
    .filter(([at]) => isThorough || at <= points.length / 2 || at % 4 === 0)
  test.each(cases)('%i: %s', async (at) => {
    const folder = copy()
    const passed = play(folder, 'alone', at)
    expect(passed.at(-1) ?? '').toBe(points[at - 2] ?? '')
    expectSound(folder)
    await settleScenario(folder)
    expectSettled(folder)
    rmSync(folder, { recursive: true })
  })
})

describe.each(['train', 'push', 'pr'] as const)('So does one that lands by way of %s', (way) => {
  const passed = play(copy(), way)
  // What is passed alone too is known by now; a train passes nothing else, but all of it otherwise.
  const cases = passed
    .map((name, index) => [index + 1, name] as const)
    .filter(([at, name]) => {
      const isFirst = passed.indexOf(name) === at - 1
      return isThorough || (isFirst && !points.includes(name)) || at % 12 === 0
    })
  test.each(cases)('%i: %s', async (at) => {
    const folder = copy()
    play(folder, way, at)
    expectSound(folder)
    await settleScenario(folder, way)
    expectSettled(folder, way)
    rmSync(folder, { recursive: true })
  })
})

describe("A program that is killed with -9 while its push is in the remote's hands", () => {
  // The hook tells that it has the push, and takes its time.
  const hook = '#!/bin/sh\ncat > /dev/null\necho > ../inside\nsleep 0.5\n'

  test.each(['alone', 'with all its gits'])('%s lands each item once.', async (how) => {
    const folder = copy()
    const hooks = join(remoteOf(folder), 'hooks')
    mkdirSync(hooks, { recursive: true })
    writeFileSync(join(hooks, 'pre-receive'), hook, { mode: 0o755 })
    const child = spawn(process.execPath, [program, folder, 'push'], {
      detached: true,
      stdio: 'ignore',
    })
    const { pid } = child
    if (pid === undefined) throw new Error('it cannot be started')
    await until(() => existsSync(join(folder, 'inside')), 'the remote has the push')
    process.kill(how === 'alone' ? pid : -pid, 'SIGKILL')
    if (child.signalCode === null) await once(child, 'exit')
    expectSound(folder)
    await settleScenario(folder, 'push')
    expectSettled(folder, 'push')
  })
})

test('So it does when the starts after the kill are killed too.', async () => {
  const random = seeded(20261123)
  for (let round = 0; round < 6; round++) {
    const folder = copy()
    for (let kill = 0; kill < 3; kill++) {
      const at = 1 + Math.floor(random() ** 2 * points.length)
      spawnSync(process.execPath, [program, folder, 'alone', String(at)])
      expectSound(folder)
    }
    await settleScenario(folder)
    expectSettled(folder)
  }
})
