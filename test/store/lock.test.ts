import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { acquireLock, isHeld } from '../../src/store/lock.ts'

let file: string

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  file = join(folder, 'lock')
})

/** A program of its own that takes the lock and keeps it, though it forgets the handle. */
async function holder(): Promise<ChildProcess> {
  const source = `
    import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, '../../src/store/lock.ts'))}
    acquireLock(process.argv[1], { pid: process.pid, now: Date.UTC(2030, 0, 2, 3, 4, 5) })
    gc()
    process.stdout.write('locked')
    setInterval(() => {}, 60_000)`
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--input-type=module', '-e', source, file],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}

test('a second program is refused, with the process that came first and since when', async () => {
  const first = await holder()
  expect(() => acquireLock(file, { pid: 2, now: 0 })).toThrow(
    expect.objectContaining({
      code: 'already-running',
      message: expect.stringMatching(new RegExp(`process ${first.pid} on .*2030-01-02 03:04:05`)),
    }),
  )
})

test('the lock is free again after a kill -9 of its holder', async () => {
  const first = await holder()
  first.kill('SIGKILL')
  await once(first, 'exit')
  acquireLock(file, { pid: 2, now: 0 }).release()
})

test('within one program too there is one holder, until it releases the lock', () => {
  const first = acquireLock(file, { pid: 1, now: 0 })
  expect(() => acquireLock(file, { pid: 1, now: 0 })).toThrow(/process 1 on/)
  first.release()
  acquireLock(file, { pid: 1, now: 0 }).release()
})

test('whoever only looks is told whether a program serves the folder, and takes nothing', async () => {
  expect(isHeld(file)).toBe(false)
  const first = await holder()
  expect(isHeld(file)).toBe(true)
  first.kill('SIGKILL')
  await once(first, 'exit')
  expect(isHeld(file)).toBe(false)
  acquireLock(file, { pid: 2, now: 0 }).release()
})
