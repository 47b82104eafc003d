import { expect, it } from 'vitest'
import { largestOutput } from '../../src/processes/process-host.ts'
import { type Script, World } from './world.ts'

const endless: Script = (agent) => {
  agent.say('working\n')
  agent.after(1_000, () => endless(agent, 0, 0, {} as World))
}

/** Has every run's output file reach beyond the limit from now on, without that much of it. */
function growBeyondLimit(world: World): void {
  const read = world.host.read.bind(world.host)
  world.host.read = (run, offset, into) =>
    offset >= largestOutput
      ? { bytes: new Uint8Array(1), offset: offset + 1 }
      : read(run, offset, into)
}

it('an agent that prints without end is ended, and what it left is judged, with the reason', async () => {
  const world = new World({ script: endless })
  const { pipeline, runs } = world.start()
  world.story()
  await world.until(() => world.host.launches.length === 1)
  await world.elapse(5_000)
  expect(runs.activeOf(1)?.stop).toBeUndefined()
  growBeyondLimit(world)
  await world.until(() => runs.of(1).some(({ state }) => state === 'ended'))
  expect(runs.of(1).at(-1)).toMatchObject({
    stop: { by: 'supervise', next: 'judge' },
    outcome: { kind: 'failed', reason: 'The agent printed more than 1 GiB.' },
  })
  await world.until(() => pipeline.need(1).stage.kind === 'blocked')
  expect(pipeline.need(1).stage).toMatchObject({
    reason: expect.stringContaining('The agent printed more than 1 GiB.'),
  })
  expect(world.host.alive()).toEqual([])
})
