import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { GateRecords } from '../../src/pipeline/gates/gate-records.ts'
import {
  git,
  openPipeline,
  openStore,
  passedFile,
  prepareScenario,
  rootOf,
  settleScenario,
} from '../support/merge-scenario.ts'
import { seeded } from '../support/seeded.ts'

const program = join(import.meta.dirname, '../support/merge-program.ts')
const all = mkdtempSync(join(tmpdir(), 'huskies-points-'))
afterAll(() => rmSync(all, { recursive: true, force: true }))
const prepared = join(all, 'prepared')
const subjects = ['huskies: merge 2 story Two', 'huskies: merge 1 story One', 'first']

/** Plays in a process of its own; killed at that point, counted from 1. Returns the points passed. */
function play(folder: string, killedAt?: number): string[] {
  const args = killedAt === undefined ? [program, folder] : [program, folder, String(killedAt)]
  const ended = spawnSync(process.execPath, args, { encoding: 'utf8' })
  expect(ended.stderr).toBe('')
  expect(ended.signal ?? ended.status).toBe(killedAt === undefined ? 0 : 'SIGKILL')
  return ended.stdout.trimEnd().split('\n')
}

function copy(): string {
  const folder = mkdtempSync(join(all, 'killed-'))
  cpSync(prepared, folder, { recursive: true })
  return folder
}

function log(folder: string): string[] {
  return git(rootOf(folder), 'log', '--format=%s', 'main').split('\n')
}

/** The base branch is before or after, never between, and all that is in it has passed. */
function expectSound(folder: string): void {
  const landed = log(folder)
  expect(landed).toEqual(subjects.slice(-landed.length))
  const trees = git(rootOf(folder), 'log', '--format=%T', 'main').split('\n').slice(0, -1)
  const file = passedFile(folder)
  const passed = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  for (const tree of trees) expect(passed).toContain(tree)
  expect(git(rootOf(folder), 'fsck', '--strict', '--no-dangling')).toBe('')
}

function expectSettled(folder: string): void {
  const root = rootOf(folder)
  expectSound(folder)
  expect(log(folder)).toEqual(subjects)
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
  expect(store.db.prepare('SELECT * FROM landings').all()).toEqual([])
  store.close()
}

mkdirSync(prepared)
prepareScenario(prepared)
const points = play(copy())

describe('A merge that is killed with -9 at a point, and started again, lands each item exactly once', () => {
  // The second item passes the points of the first again: there, one in four is enough.
  const cases = points
    .map((name, index) => [index + 1, name] as const)
    .filter(([at]) => at <= points.length / 2 || at % 4 === 0)
  test.each(cases)('%i: %s', async (at) => {
    const folder = copy()
    const passed = play(folder, at)
    expect(passed.at(-1) ?? '').toBe(points[at - 2] ?? '')
    expectSound(folder)
    await settleScenario(folder)
    expectSettled(folder)
    rmSync(folder, { recursive: true })
  })
})

test('So it does when the starts after the kill are killed too.', async () => {
  const random = seeded(20261123)
  for (let round = 0; round < 6; round++) {
    const folder = copy()
    for (let kill = 0; kill < 3; kill++) {
      const at = 1 + Math.floor(random() ** 2 * points.length)
      spawnSync(process.execPath, [program, folder, String(at)])
      expectSound(folder)
    }
    await settleScenario(folder)
    expectSettled(folder)
  }
})
