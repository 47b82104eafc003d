import { expect, test } from 'vitest'
import { Loads } from '../../src/agents/loads.ts'
import type { FakeProcess } from '../support/fake-process-host.ts'
import { World } from './world.ts'

test('a load is what was used since the last look, and at first since the start', async () => {
  let agent: FakeProcess | undefined
  const world = new World({
    script: (process) => {
      agent = process
    },
  })
  const { runs } = world.start()
  world.story()
  await world.until(() => runs.active().some(({ state }) => state === 'running'))
  const machine = () => ({ load: [0.5, 1, 1.5], cores: 2 })
  const loads = new Loads({ runs, host: world.host, clock: world.clock, machine })
  if (!agent) throw new Error('no agent was started')
  const startedAt = runs.active()[0]?.startedAt ?? 0
  world.clock.advance(startedAt + 10_000 - world.clock.now())
  agent.cpuMs = 5_000
  expect(loads.measure()).toMatchObject([{ cores: 0.5, memory: 10_000_000, processes: 1 }])
  world.clock.advance(5_000)
  agent.cpuMs = 15_000
  expect(loads.measure()).toMatchObject([{ cores: 2, ageMs: 15_000 }])
  // A part of the tree has ended, and what it used went with it.
  world.clock.advance(5_000)
  agent.cpuMs = 1_000
  expect(loads.measure()).toMatchObject([{ cores: 0 }])
  expect(loads.machine().cores).toBe(2)
})
