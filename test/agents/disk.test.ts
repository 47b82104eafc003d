import { expect, it } from 'vitest'
import { World } from './world.ts'

it('no agent starts below the disk watermark; those at work go on, and the next starts by itself', async () => {
  const world = new World({
    agents: [{ name: 'coder-1' }],
    settings: { min_free_mb: 300 },
    script: (agent) => agent.after(60_000, () => agent.exit(1)),
  })
  const { agents, runs } = world.start()
  world.story()
  await world.until(() => world.host.launches.length === 1)
  world.freeSpace = 299.9e6
  expect(agents.shortage).toBe(
    'only 299 MB of the disk are free, and agents start from 300 MB on (min_free_mb in project.toml)',
  )
  world.story()
  await world.until(() => runs.of(1)[0]?.state === 'ended')
  expect(runs.of(1)[0]?.stop).toBeUndefined()
  await world.elapse(120_000)
  expect(world.host.launches).toHaveLength(1)
  expect(agents.why(2)).toBe(agents.shortage)
  world.freeSpace = 300e6
  expect(agents.shortage).toBeUndefined()
  await world.until(() => world.host.launches.length === 2)
})

it('with a watermark of 0 a full disk keeps no agent from starting', async () => {
  const world = new World({ settings: { min_free_mb: 0 } })
  world.freeSpace = 0
  world.start()
  world.story()
  await world.until(() => world.host.launches.length === 1)
})
