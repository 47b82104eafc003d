import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ProcessIdentity } from '../../src/processes/process-host.ts'
import { HostFixture, ownPath } from '../support/process-host.ts'
import { until } from '../support/until.ts'

/** Starts a run from a program of its own, and kills that program in the hardest way. */
async function startAndCrash(at: HostFixture, source: string): Promise<ProcessIdentity> {
  const program = join(import.meta.dirname, '../support/start-and-wait.ts')
  const args = [program, at.runsDirectory, at.installation, at.folder, source]
  const bot = spawn(process.execPath, args, { env: ownPath, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void bot.kill('SIGKILL'))
  const [line] = (await once(bot.stdout, 'data')) as [Buffer]
  bot.kill('SIGKILL')
  await once(bot, 'close')
  return JSON.parse(line.toString())
}

test('a run outlives its starter: it is found, read on from the offset, and its exit is known', async () => {
  const at = new HostFixture()
  const source = 'echo before; until [ -e go ]; do sleep 0.01; done; echo after; exit 4'
  const identity = await startAndCrash(at, source)

  const host = at.open()
  expect(await host.living()).toEqual(['r1'])
  expect(host.isAlive(identity)).toBe(true)
  await until(() => at.output('r1') === 'before\n', 'the run has begun')
  const { offset } = host.read('r1', 0)

  writeFileSync(join(at.folder, 'go'), '')
  await until(() => !host.isAlive(identity), 'the run has ended')
  expect(Buffer.from(host.read('r1', offset).bytes).toString()).toBe('after\n')
  expect(host.exit('r1')).toEqual({ code: 4 })
  expect(await host.living()).toEqual([])
})

test('L02: a run of a starter that crashed is ended with all that belongs to it', async () => {
  const at = new HostFixture()
  const source = "trap '' TERM; setsid sleep 1000 & env -i sleep 1000 & : > up; sleep 1000"
  const identity = await startAndCrash(at, source)
  await until(() => at.has('up') && at.sleeping().length === 3, 'its tree is up')

  expect(await at.open(50).kill('r1', identity)).toEqual({ survivors: [], unverified: [] })
  expect(at.sleeping()).toEqual([])
})

test('L04: what a finished run left behind is gone after a kill without its identity', async () => {
  const at = new HostFixture()
  await startAndCrash(at, 'sleep 1000 & env -i sleep 1000 &')
  await until(() => at.host.exit('r1') && at.sleeping().length === 2, 'the run has ended')

  expect(await at.open().kill('r1')).toEqual({ survivors: [], unverified: [] })
  expect(at.sleeping()).toEqual([])
})
