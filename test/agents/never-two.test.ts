import fc from 'fast-check'
import { expect, it } from 'vitest'
import { green, red } from '../support/fake-gates.ts'
import type { FakeProcess } from '../support/fake-process-host.ts'
import { anna, World } from './world.ts'

/** What an agent may do, by a number that the test draws. */
function misbehave(agent: FakeProcess, item: number, chance: () => number, world: World): void {
  const draw = chance()
  agent.obeysTerm = draw % 3 !== 0
  if (draw % 4 === 0) agent.leave('daemon', { obeysTerm: draw % 8 === 0 })
  if (draw % 5 !== 0) agent.say('working\n')
  agent.after(chance() % 4_000, () => {
    if (draw % 7 !== 0) world.worktrees.edit(item, 'file', String(draw))
    if (draw % 7 > 1) world.worktrees.commit(item)
    if (draw % 11 === 0) agent.vanish()
    else if (draw % 13 !== 0) agent.exit(draw % 6 === 0 ? 1 : 0)
  })
}

type Step = (world: World, item: number) => void

/** What people and the world do in between; whatever is not possible just then is refused. */
const steps: Readonly<Record<string, Step>> = {
  story: (world) => void world.story(),
  stop: (world, item) => void world.program.agents.stop(item, anna),
  assign: (world, item) => world.program.agents.assign(item, 'coder-2', anna),
  freeze: (world, item) => void world.program.pipeline.apply(item, { type: 'freeze' }, anna),
  unfreeze: (world, item) => void world.program.pipeline.apply(item, { type: 'unfreeze' }, anna),
  unblock: (world, item) => void world.program.pipeline.apply(item, { type: 'unblock' }, anna),
  demote: (world, item) => void world.program.pipeline.apply(item, { type: 'demote' }, anna),
  start: (world, item) => void world.program.pipeline.apply(item, { type: 'start' }, anna),
  delete: (world, item) => world.program.pipeline.delete(item, anna),
  helper: (world, item) => world.program.agents.assign(item, 'helper', anna),
  crash: (world) => {
    world.crash()
    world.start()
  },
  reboot: (world) => {
    world.crash()
    world.host.reboot()
    world.start()
  },
  wait: () => {},
}

const chances = fc.array(fc.nat({ max: 10_000 }), { minLength: 60, maxLength: 60 })
const schedule = fc.array(
  fc.record({
    step: fc.constantFrom(...Object.keys(steps)),
    item: fc.integer({ min: 1, max: 3 }),
    waitMs: fc.nat({ max: 3_000 }),
  }),
  { minLength: 5, maxLength: 25 },
)

/** Promise 7, looked at in the processes themselves, not in what is written of them. */
function expectNeverTwo(world: World): void {
  for (const item of [1, 2, 3, 4, 5]) {
    const ofTheItem = world
      .livingOn(item)
      .filter((run) => world.host.launchOf(run)?.env.HUSKIES_ROLE !== 'other')
    expect(ofTheItem.length).toBeLessThanOrEqual(1)
  }
}

it('L01, L03: never has two living agents on one item, however it is interrupted', async () => {
  await fc.assert(
    fc.asyncProperty(schedule, chances, async (plan, drawn) => {
      let next = 0
      const chance = () => drawn[next++ % drawn.length] ?? 0
      const world = new World({
        agents: [
          { name: 'coder-1', inactivity_timeout_secs: 10 },
          { name: 'coder-2', inactivity_timeout_secs: 10 },
          { name: 'helper', stage: 'other', inactivity_timeout_secs: 10 },
        ],
        script: (agent, item) => misbehave(agent, item, chance, world),
        judge: () => (chance() % 3 === 0 ? red('test') : green),
        delay: () => chance() % 40,
      })
      world.host.startFault = () =>
        (['none', 'none', 'before', 'after'] as const)[chance() % 4] ?? 'none'
      world.host.onSpawn = () => expectNeverTwo(world)
      world.start()
      world.story()
      world.story()
      for (const { step, item, waitMs } of plan) {
        try {
          steps[step]?.(world, item)
        } catch (error) {
          if (!(error instanceof Error) || error.name !== 'Problem') throw error
        }
        await world.elapse(waitMs)
        expectNeverTwo(world)
      }
      // Whatever happened: with nobody disturbing, each item comes to rest, and nothing is left alive.
      world.host.startFault = () => 'none'
      await world.until(
        ({ runs, pipeline }) =>
          runs.active().length === 0 && pipeline.inStage('coding').length === 0,
      )
      expect(world.host.alive()).toEqual([])
      expect(world.errors.filter((error) => !/^(EAGAIN|EIO)/.test(error))).toEqual([])
    }),
    { numRuns: 60 },
  )
})
