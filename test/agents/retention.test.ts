import { expect, it, onTestFinished } from 'vitest'
import { Retention } from '../../src/agents/reconcilers/retention.ts'
import { SqliteRuns } from '../../src/agents/runs/runs.ts'
import { ChatRetention } from '../../src/bot/retention.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { memoryStore } from '../support/memory-store.ts'
import { HostFixture } from '../support/process-host.ts'
import { until } from '../support/until.ts'

const day = 86_400_000

async function open() {
  const store = memoryStore()
  onTestFinished(() => store.close())
  const clock = new FakeClock(100 * day)
  const machine = new HostFixture()
  const { host } = machine
  const runs = new SqliteRuns(store, clock)
  const used = new Set<string>()
  const retention = new Retention({
    ...{ store, runs, host, clock, log: silentLog, chat: new ChatRetention(store) },
    storedRuns: () => host.stored(),
    inUse: (run) => used.has(run),
    keepMs: 30 * day,
  })
  /** A real run of that id, which has printed something. */
  const print = async (id: string, source = 'echo printed') => {
    const identity = await host.start(id, machine.script(source))
    if (source === 'echo printed') await machine.ended(id, identity)
  }
  /** A run of an agent, that ends now. */
  const agentRun = async () => {
    const run = runs.claim({ item: 1, agent: 'coder-1', role: 'coder', attempt: 1 })
    await print(run.id)
    runs.end(run)
    return run.id
  }
  const settle = async () => {
    while (await retention.reconcile());
  }
  return { clock, machine, host, runs, used, retention, print, agentRun, settle }
}

it('what ended runs have printed is kept for its time, and goes then', async () => {
  const { clock, host, agentRun, settle } = await open()
  const first = await agentRun()
  await clock.advance(20 * day)
  const second = await agentRun()
  await settle()
  expect(host.stored()).toEqual([first, second])
  await clock.advance(10 * day + 1)
  await settle()
  expect(host.stored()).toEqual([second])
})

it('the files of a run that is not ended, or of which a process lives, are never touched', async () => {
  const { clock, host, runs, print, agentRun, settle, machine } = await open()
  const working = runs.claim({ item: 2, agent: 'coder-2', role: 'coder', attempt: 1 })
  await print(working.id)
  const old = await agentRun()
  await clock.advance(60 * day)
  const daemon = await host.start('g_old', machine.script('sleep 60'))
  await settle()
  expect([...host.stored()].sort()).toEqual(['g_old', working.id].sort())
  expect(host.stored()).not.toContain(old)
  expect(host.isAlive(daemon)).toBe(true)
})

it('what a gate of an earlier start has left goes at once, and one that is under way stays', async () => {
  const { host, used, print, settle } = await open()
  await print('g_left')
  await print('g_busy')
  used.add('g_busy')
  await settle()
  expect(host.stored()).toEqual(['g_busy'])
})

it('looks once an hour, and forgets a bounded piece at a time', async () => {
  const { clock, host, print, retention, settle } = await open()
  for (let n = 0; n < 25; n += 1) await print(`g_${n}`)
  await until(() => host.stored().length === 25, '25 runs have files')
  expect([...retention.keys()]).toEqual(['all'])
  expect(await retention.reconcile()).toEqual({ afterMs: 10 })
  expect(host.stored()).toHaveLength(5)
  await settle()
  expect([...retention.keys()]).toEqual([])
  await clock.advance(3_600_000)
  expect([...retention.keys()]).toEqual(['all'])
})
