import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { ProcessGates } from '../../../src/pipeline/gates/process-gates.ts'
import { Programs } from '../../../src/pipeline/programs/programs.ts'
import { projectSettings } from '../../../src/pipeline/settings.ts'
import { HostFixture, isRunning, ownPath } from '../../support/process-host.ts'
import { until } from '../../support/until.ts'

const never = new AbortController().signal

function open(step: unknown[] = []) {
  const host = new HostFixture()
  const programs = new Programs({
    host: host.host,
    clock: systemClock,
    random: Math.random,
    environment: { ...ownPath, NODE_ENV: 'production', GIT_DIR: '/elsewhere' },
    log: silentLog,
  })
  const { gates } = projectSettings.parse({ gates: { step } })
  const directory = join(host.folder, 'tree')
  mkdirSync(join(directory, 'script'), { recursive: true })
  const script = (name: string, lines: string) => {
    writeFileSync(join(directory, 'script', name), `#!/bin/sh\n${lines}\n`)
    chmodSync(join(directory, 'script', name), 0o755)
  }
  return {
    host,
    directory,
    script,
    programs,
    gates: new ProcessGates({ programs, clock: systemClock, steps: gates.step }),
  }
}

test('Green gates run every step in the folder, without NODE_ENV and without a git of their own.', async () => {
  const { gates, directory, script } = open()
  script('check', 'echo "checked in $PWD"')
  script('test', 'echo "tested, env=$NODE_ENV$GIT_DIR"')
  const report = await gates.run('item-1', directory, never)
  expect(report.passed).toBe(true)
  expect(report.output).toContain(`checked in ${directory}`)
  expect(report.output).toContain('tested, env=\n')
})

test('L33: the failing step decides the class, whatever words it prints.', async () => {
  const { gates, directory } = open([
    { name: 'tidy', run: ['true'], class: 'format' },
    { name: 'unit', run: ['sh', '-c', 'echo "prettier: format error, lint failed"; exit 3'] },
    { name: 'never', run: ['touch', 'reached'] },
  ])
  const report = await gates.run('item-1', directory, never)
  expect(report).toMatchObject({
    passed: false,
    failure: { step: 'unit', class: 'test', output: expect.stringContaining('exit code 3') },
  })
  expect(existsSync(join(directory, 'reached'))).toBe(false)
})

test('Steps that are to run alone do so, whatever checks the folder has of its own.', async () => {
  const { programs, directory, script } = open()
  script('test', 'touch reached')
  const { gates } = projectSettings.parse({
    gates: { step: [{ name: 'coverage', run: ['echo', '93 %'] }] },
  })
  const coverage = new ProcessGates({
    programs,
    clock: systemClock,
    steps: gates.step,
    only: true,
  })
  const report = await coverage.run('project', directory, never)
  expect(report).toMatchObject({ passed: true, output: expect.stringContaining('93 %') })
  expect(existsSync(join(directory, 'reached'))).toBe(false)
})

test('A step that outlives its limit fails, and nothing of it lives on.', async () => {
  const { gates, directory, host } = open([
    { name: 'slow', run: ['sh', '-c', 'sleep 100 & echo waiting; wait'], timeout_secs: 1 },
  ])
  const report = await gates.run('item-1', directory, never)
  expect(report).toMatchObject({ passed: false, failure: { step: 'slow' } })
  expect(report.output).toContain('took longer than 1 seconds')
  expect(await host.host.living()).toEqual([])
})

test('What a green step leaves running is ended too.', async () => {
  const { gates, directory, script, host } = open()
  script('test', 'setsid sleep 100 > /dev/null 2>&1 &\necho $! > pid')
  expect((await gates.run('item-1', directory, never)).passed).toBe(true)
  expect(await host.host.living()).toEqual([])
})

test('L04: what earlier gates of the same key left behind is ended first, others live on.', async () => {
  const { gates, directory, script, host } = open()
  const start = (run: string) => host.host.start(run, host.script('sleep 100'))
  const [stale, other] = [await start('g_item1_old'), await start('g_item11_old')]
  // One that has ended may still stand in the list, until this busy process has asked for its code.
  script('test', `! ps -o stat= -p ${stale.pid} | grep -qv Z && kill -0 ${other.pid}`)
  expect(await gates.run('item-1', directory, never)).toMatchObject({ passed: true })
  expect(isRunning(stale.pid)).toBe(false)
  expect(isRunning(other.pid)).toBe(true)
})

test('Cancelled gates reject with the reason once their processes are gone.', async () => {
  const { gates, directory, script, host } = open()
  script('test', 'echo $$ > pid; sleep 100')
  const stopping = new AbortController()
  const running = gates.run('merge', directory, stopping.signal)
  await until(() => existsSync(join(directory, 'pid')), 'the step runs')
  stopping.abort(new Error('stopping'))
  await expect(running).rejects.toThrow('stopping')
  expect(await host.host.living()).toEqual([])
})

test('Of a long output the head and the tail are kept, and how much is missing is said.', async () => {
  const { gates, directory, script } = open()
  script(
    'test',
    'echo begin; head -c 300000 /dev/zero | tr "\\0" x; echo; printf "\\033[31mend\\033[0m\\n"; exit 1',
  )
  const report = await gates.run('item-1', directory, never)
  expect(report.output.length).toBeLessThan(40_000)
  expect(report.output).toMatch(/begin\nx+\n\[\.\.\. \d+ bytes left out \.\.\.\]\nx+\nend\n/)
  expect(!report.passed && report.failure.output.length).toBeLessThan(5_000)
})

test('A step that prints faster than it is read is read to its end, and others get their turn.', async () => {
  const { gates, directory, script } = open()
  script('test', 'head -c 40000000 /dev/zero | tr "\\0" x; printf "\\nend\\n"; exit 1')
  let turns = 0
  const timer = setInterval(() => (turns += 1), 1)
  const report = await gates.run('item-1', directory, never)
  clearInterval(timer)
  expect(report.output).toContain(`[... ${40_000_005 - 8_192 - 24_576} bytes left out ...]`)
  expect(report.output).toMatch(/x\nend\n/)
  // It is read in three pieces at least, however quickly it was printed, with a turn between each.
  expect(turns).toBeGreaterThanOrEqual(2)
})

test('A step that prints without end is ended at a gigabyte, and the reason is told.', async () => {
  // A hole of two gigabytes takes no place on the disk, and reads like any other output.
  const grow = [
    process.execPath,
    '-e',
    'fs.ftruncateSync(1, 2 ** 31); setTimeout(() => {}, 60_000)',
  ]
  const { gates, directory, host } = open([{ name: 'loud', run: grow }])
  const report = await gates.run('item-1', directory, never)
  expect(report).toMatchObject({ passed: false, failure: { step: 'loud' } })
  expect(report.output).toContain('It printed more than 1 GiB and was ended.')
  expect(host.host.stored()).toEqual([])
})

test('A program that does not exist, and a project without gates, fail with a sentence.', async () => {
  const missing = open([{ name: 'gone', run: 'no-such-program' }])
  expect(await missing.gates.run('item-1', missing.directory, never)).toMatchObject({
    passed: false,
    failure: { step: 'gone', output: expect.stringContaining('no such program exists') },
  })
  const none = open()
  expect(await none.gates.run('item-1', none.directory, never)).toMatchObject({
    passed: false,
    failure: { step: 'gates', output: expect.stringContaining('has no gates') },
  })
})

test('No run leaves files behind.', async () => {
  const { gates, directory, script, host } = open()
  script('test', 'true')
  await gates.run('item-1', directory, never)
  expect(host.host.stored()).toEqual([])
})
