import { expect, it } from 'vitest'
import { diligent, type Script, World } from './world.ts'

const stageOf = (world: World, item: number) => world.program.pipeline.need(item).stage

/** Says a line each 100 ms, and commits its work with the last. */
const slow: Script = (agent, item, count, world) => {
  for (let line = 1; line <= 30; line += 1)
    agent.after(line * 100, () => {
      agent.say(`line ${line}\n`)
      if (line === 30) diligent(agent, item, count, world)
    })
}

const textOf = (world: World) =>
  world.program.told.flatMap((notice) => (notice.type === 'output' ? notice.events : []))

it('adopts a living run: reads on where it was, and spawns nothing', async () => {
  const world = new World({ script: slow })
  world.start()
  world.story()
  await world.until(({ runs }) => (runs.activeOf(1)?.offset ?? 0) > 0)
  const read = world.program.runs.activeOf(1)?.offset ?? 0
  world.crash()
  await world.elapse(10)
  world.start()
  await world.until(() => stageOf(world, 1).kind === 'merge')
  expect(world.host.launches).toHaveLength(1)
  const text = textOf(world).map((event) => (event.type === 'text' ? event.text : ''))
  const all = [...Array.from({ length: 30 }, (_, index) => `line ${index + 1}`), 'working']
  expect(read).toBeGreaterThan(0)
  expect(text).toEqual(all.join('\n').slice(read).split('\n'))
})

it('judges a run that came to its end while the program was away', async () => {
  const world = new World({ script: slow })
  world.start()
  world.story()
  await world.until(() => world.host.launches.length === 1)
  world.crash()
  await world.elapse(60_000)
  world.start()
  await world.until(() => stageOf(world, 1).kind === 'merge')
  expect(world.host.launches).toHaveLength(1)
})

it('starts what was claimed and not spawned when the program died', async () => {
  const world = new World({ delay: () => 10 })
  world.start()
  world.story()
  await world.until(({ runs }) => runs.activeOf(1)?.state === 'claimed')
  world.crash()
  await world.elapse(1_000)
  expect(world.host.launches).toEqual([])
  world.start()
  await world.until(() => stageOf(world, 1).kind === 'merge')
  expect(world.host.launches.map(({ run }) => run)).toEqual(['r1'])
})

it('L02: spawns nothing for a claim that the end of the program has given up', async () => {
  const world = new World({ delay: () => 1_000 })
  world.start()
  world.story()
  await world.until(({ runs }) => runs.activeOf(1)?.state === 'claimed')
  const stopped = world.program.agents.stopAll()
  await world.elapse(60_000)
  await stopped
  expect(world.program.runs.active()).toEqual([])
  expect(world.host.launches).toEqual([])
})

it('ends what was spawned and not noted when the program died, and starts it anew', async () => {
  const world = new World({ script: slow, delay: () => 10 })
  world.start()
  world.story()
  await world.until(() => world.host.launches.length === 1)
  expect(world.program.runs.activeOf(1)?.state).toBe('claimed')
  world.crash()
  world.start()
  await world.until(() => world.host.launches.length === 2)
  expect(world.livingOn(1)).toEqual(['r1'])
  await world.until(() => stageOf(world, 1).kind === 'merge')
  expect(world.host.launches).toHaveLength(2)
})

it('carries a stop out that was stored before the program died', async () => {
  const world = new World({ script: slow })
  world.start()
  world.story()
  await world.until(() => world.host.launches.length === 1)
  const { runs } = world.program
  for (const run of runs.active()) runs.stop(run, { reason: 'enough', by: 'anna', next: 'hold' })
  world.crash()
  world.start()
  await world.until(() => stageOf(world, 1).kind === 'review-hold')
  expect(world.host.alive()).toEqual([])
})

it('runs the gates again that a crash cut short, and no agent', async () => {
  const world = new World({ gateMs: 1_000 })
  world.start()
  world.story()
  await world.until(() => world.gates.runs.length === 1)
  world.crash()
  world.start()
  await world.until(() => stageOf(world, 1).kind === 'merge')
  expect([world.gates.runs.length, world.host.launches.length]).toEqual([2, 1])
})

it('does not count the end of the machine as a failure', async () => {
  const world = new World({ script: slow })
  world.start()
  world.story()
  await world.until(({ runs }) => (runs.activeOf(1)?.offset ?? 0) > 0)
  world.crash()
  world.host.reboot()
  world.start()
  await world.until(() => world.host.launches.length === 2)
  expect(stageOf(world, 1)).toEqual({ kind: 'coding', retries: 0 })
  await world.until(() => stageOf(world, 1).kind === 'merge')
})

it('ends what it has no record of before it assigns anybody', async () => {
  const world = new World()
  await world.host.start('r900', {
    command: 'agent',
    args: [],
    cwd: '/',
    env: { HUSKIES_ITEM: '1' },
  })
  await world.host.start('gates-item-1', { command: 'agent', args: [], cwd: '/', env: {} })
  world.worktrees.ensure(1, 'feature/item-1')
  world.start()
  world.story()
  await world.until(() => world.host.launches.length === 3)
  expect(world.host.alive()).toEqual(['r1'])
})

it('assigns nobody while something of an earlier start cannot be ended, and says so', async () => {
  const world = new World({
    script: (agent, item, count, self) => {
      if (item === 0) agent.obeysTerm = agent.obeysKill = false
      else diligent(agent, item, count, self)
    },
  })
  const launch = { command: 'agent', args: [], cwd: '/', env: { HUSKIES_ITEM: '0' } }
  await world.host.start('r900', launch)
  const { agents } = world.start()
  world.story()
  await world.elapse(60_000)
  expect(world.host.launches).toHaveLength(1)
  expect(agents.why(1)).toBe('processes of an earlier start cannot be ended (pid 1000)')
  world.host.reboot()
  await world.until(() => stageOf(world, 1).kind === 'merge')
})

it('watches an agent to its end that is not in the settings any more', async () => {
  const world = new World({ script: slow })
  world.start()
  world.story()
  await world.until(() => world.host.launches.length === 1)
  world.crash()
  world.useAgents([{ name: 'another' }])
  world.start()
  await world.until(() => stageOf(world, 1).kind === 'merge')
  expect(world.host.launches).toHaveLength(1)
})
