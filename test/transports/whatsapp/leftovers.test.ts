import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { browsersOf, endLeftovers } from '../../../src/transports/whatsapp/leftovers.ts'

const profile = '/a project/.huskies/state/whatsapp/profile'
const started: ChildProcess[] = []

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** A program that was started with these arguments, and does nothing. */
async function program(...args: string[]): Promise<ChildProcess> {
  const script = 'process.stdout.write("here"); setInterval(() => {}, 1e6)'
  const child = spawn(process.execPath, ['-e', script, '--', ...args])
  started.push(child)
  await once(child.stdout, 'data')
  return child
}

test('what an earlier program has left with this profile is ended, and nothing else', async () => {
  const browser = await program('--headless', `--user-data-dir=${profile}`, '--no-first-run')
  const crashes = await program(`--database=${profile}/Crash Reports`)
  const others = [
    await program(`--user-data-dir=${profile}-2`),
    await program(`--user-data-dir=${profile}/inner`),
    await program(profile),
  ]
  expect(new Set(browsersOf(profile))).toEqual(new Set([browser.pid, crashes.pid]))
  await endLeftovers(profile, systemClock)
  expect(browsersOf(profile)).toEqual([])
  expect(others.map(({ exitCode, signalCode }) => [exitCode, signalCode])).toEqual(
    others.map(() => [null, null]),
  )
})
