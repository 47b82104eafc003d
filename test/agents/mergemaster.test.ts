import { describe, expect, it } from 'vitest'
import { legalEvents } from '../../src/pipeline/transition.ts'
import { red } from '../support/fake-gates.ts'
import { anna, diligent, type Script, World } from './world.ts'

const agents = [
  { name: 'coder-1' },
  { name: 'mender', stage: 'mergemaster' },
  { name: 'second', stage: 'mergemaster' },
]
const failure = { kind: 'conflict', detail: 'readme.md' } as const

/** A world whose item 1 conflicts, with this mergemaster. */
async function conflicting(mender: Script) {
  const script: Script = (agent, item, count, world) =>
    world.host.launches.at(-1)?.launch.env.HUSKIES_ROLE === 'mergemaster'
      ? mender(agent, item, count, world)
      : diligent(agent, item, count, world)
  const world = new World({ agents, script })
  const { pipeline } = world.start()
  world.story()
  await world.until(() => pipeline.need(1).stage.kind === 'merge')
  const conflict = () => pipeline.apply(1, { type: 'merge-failed', failure }, anna)
  conflict()
  return { world, pipeline, conflict, stage: () => pipeline.need(1).stage }
}

describe('a conflict, where an agent mends them', () => {
  it('goes to it with the names of the files, and back into the queue when it has committed', async () => {
    const { world, pipeline, stage } = await conflicting((agent, item, _, { worktrees }) => {
      agent.say('resolving\n')
      worktrees.merge(item)
      agent.exit(0)
    })
    await world.until(() => stage().kind === 'merge')
    const launch = world.host.launches.at(-1)?.launch
    expect(launch?.env).toMatchObject({ HUSKIES_AGENT: 'mender', HUSKIES_BRANCH: 'feature/item-1' })
    expect(launch?.cwd).toBe('/worktrees/item-1')
    expect(launch?.stdin).toContain('It conflicts with the base branch: readme.md')
    expect(launch?.stdin).toContain('git status')
    expect(stage()).toMatchObject({ retries: 1 })
    expect(pipeline.need(1).returns).toBe(0)
    expect(world.gates.runs).toEqual(['item-1'])
  })

  it('L05: is given to it three times at most, whether it fails or only thinks that it did not', async () => {
    let count = 0
    const { world, pipeline, conflict, stage } = await conflicting((agent) => {
      agent.say('resolving\n')
      agent.exit(++count === 2 ? 0 : 1)
    })
    await world.until(() => stage().kind === 'merge')
    conflict()
    await world.until(() => stage().kind === 'merge-failure-final', 10_000)
    expect(count).toBe(3)
    await world.elapse(120_000)
    expect(count).toBe(3)
    const events = pipeline.history(1).map(({ event }) => event)
    expect(events.filter((event) => event === 'recovery-attempted')).toHaveLength(2)
  })

  it('counts as not mended while the resolution is not committed', async () => {
    const { world, stage } = await conflicting((agent, item, _, { worktrees }) => {
      agent.say('resolving\n')
      worktrees.edit(item, 'readme.md', 'both')
      agent.exit(0)
    })
    await world.until(() => stage().kind === 'merge-failure-final')
    expect(world.host.launches).toHaveLength(4)
  })

  it('L31: does not count what fails while it works, nor that it was called off', async () => {
    const { world, pipeline, stage } = await conflicting((agent) => agent.say('resolving\n'))
    await world.until(() => world.livingOn(1).length === 1)
    expect(() => pipeline.apply(1, { type: 'merge-failed', failure }, anna)).toThrow(
      '"merge-failed" is not possible',
    )
    world.program.agents.assign(1, 'second', anna)
    await world.until(() => world.host.launches.length === 3)
    expect(stage()).toMatchObject({ kind: 'merge-failure', attempts: 1 })
  })

  it('L35: has ways out for a person when it has failed for good', async () => {
    const { world, stage } = await conflicting((agent) => agent.exit(1))
    await world.until(() => stage().kind === 'merge-failure-final')
    for (const type of ['start', 'requeue', 'fix-up', 'abandon', 'demote', 'close'] as const)
      expect(legalEvents(stage(), 'story')).toContain(type)
  })
})

it('tells the coder to mend no more than what a format, lint or docs gate has found', async () => {
  const judge = (_: string, count: number) =>
    count === 1 ? red('lint', 'two blanks') : { passed: true as const, output: '', durationMs: 0 }
  const world = new World({ judge })
  const { pipeline } = world.start()
  world.story()
  await world.until(() => pipeline.need(1).stage.kind === 'merge')
  expect(world.host.launches.at(-1)?.launch.env.HUSKIES_FAILURE).toBe(
    'the lint failed (lint): mend that and nothing else.\ntwo blanks',
  )
})
