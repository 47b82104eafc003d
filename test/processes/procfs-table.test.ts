import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ProcfsTable } from '../../src/processes/procfs-table.ts'
import { isRunning } from '../support/process-host.ts'
import { until } from '../support/until.ts'

const table = new ProcfsTable('0123abcd')
const entryOf = (pid: number) => table.snapshot().entries.find((entry) => entry.pid === pid)

function start(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(command, args, { env, stdio: 'ignore', detached: true })
  onTestFinished(() => void child.kill('SIGKILL'))
  if (child.pid === undefined) throw new Error(`cannot start ${command}`)
  return { child, pid: child.pid }
}

test('a snapshot tells family, session, age and markers of a process', () => {
  const { pid } = start('/bin/sleep', ['1000'], { A: 'x', HUSKIES_RUN_0123abcd_r1: '1' })
  const startTime = table.find(pid)?.startTime
  expect(entryOf(pid)).toMatchObject({
    pid,
    parent: process.pid,
    group: pid,
    session: pid,
    startTime,
    name: 'sleep',
    runs: ['r1'],
    hidden: false,
  })
  expect(startTime).toBeGreaterThan(entryOf(process.pid)?.startTime ?? Infinity)
})

test('a name that looks like other fields deceives nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'huskies-table-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const program = join(folder, ') R 1 1 (a')
  copyFileSync('/bin/sleep', program)
  const { pid } = start(program, ['1000'])
  expect(entryOf(pid)).toMatchObject({ name: ') R 1 1 (a', parent: process.pid, session: pid })
})

test('an environment that is larger than any buffer is read to its end', () => {
  const large = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`A${index}`, 'x'.repeat(50_000)]),
  )
  const { pid } = start('/bin/sleep', ['1000'], { ...large, HUSKIES_RUN_0123abcd_r1: '1' })
  expect(entryOf(pid)?.runs).toEqual(['r1'])
})

test('a zombie is in no snapshot, although its pid is still taken', async () => {
  const source = 'sleep 0 & echo $!; exec sleep 1000'
  const parent = spawn('/bin/sh', ['-c', source], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const pid = Number(await new Promise((resolve) => parent.stdout.once('data', resolve)))
  await until(() => !isRunning(pid), 'the child has ended')
  expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain(' Z ')
  expect(table.find(pid)?.zombie).toBe(true)
  expect(entryOf(pid)).toBeUndefined()
})

test('nothing is found of a process that does not exist', () => {
  expect(table.find(2 ** 22 + 1)).toBeUndefined()
})

test('a snapshot of a machine on which nothing begins is whole', async () => {
  await until(() => table.snapshot().whole, 'no program was started anywhere for some milliseconds')
})

test.skipIf(process.getuid?.() === 0)(
  'a process of this user that hides its environment is told (root sees everything)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'huskies-table-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    // A program that may be run but not read hides what it does, also from its owner.
    const program = join(folder, 'hidden')
    copyFileSync('/bin/sleep', program)
    chmodSync(program, 0o111)
    const { pid } = start(program, ['1000'])
    expect(entryOf(pid)).toMatchObject({ runs: [], hidden: true })
  },
)
