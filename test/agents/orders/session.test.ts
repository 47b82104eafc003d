import { expect, it } from 'vitest'
import type { AgentEvent, RunOrder, Runtime } from '../../../src/agents/runtime.ts'
import { anna, type Script, World } from '../world.ts'

/** A program that says its session's id on a line, and is told which one to resume. */
function resumable(orders: RunOrder[]): Runtime {
  return {
    name: 'resumable',
    launch(order) {
      orders.push(order)
      return {
        command: 'agent',
        args: [],
        cwd: order.directory,
        env: order.facts,
        stdin: order.prompt,
      }
    },
    reader: () => ({
      line: (text): AgentEvent[] =>
        text.startsWith('session ')
          ? [{ type: 'session', id: text.slice(8) }]
          : [{ type: 'text', text }],
      outcome: (code) => (code === 0 ? { kind: 'completed' } : { kind: 'interrupted' }),
    }),
  }
}

const sessionsOf = (orders: readonly RunOrder[]) => orders.map(({ session }) => session)

it('L18: a run that is killed early has its session recorded, and the next goes on with it', async () => {
  const orders: RunOrder[] = []
  const script: Script = (agent, _, count) => agent.say(`session s${count}\n`)
  const world = new World({ script, createRuntime: () => resumable(orders) })
  const { pipeline, runs } = world.start()
  world.story()
  await world.until(() => runs.activeOf(1)?.session === 's1', 100)
  pipeline.apply(1, { type: 'freeze' }, anna)
  await world.until(() => runs.active().length === 0)
  pipeline.apply(1, { type: 'unfreeze' }, anna)
  await world.until(() => orders.length === 2)
  expect(sessionsOf(orders)).toEqual([undefined, 's1'])
})

it('does not give one agent the session of another', async () => {
  const orders: RunOrder[] = []
  const script: Script = (agent, _, count) => agent.say(`session s${count}\n`)
  const world = new World({ script, createRuntime: () => resumable(orders) })
  const { agents, runs } = world.start()
  world.story()
  await world.until(() => runs.activeOf(1)?.session === 's1')
  agents.assign(1, 'coder-2', anna)
  await world.until(() => runs.activeOf(1)?.session === 's2')
  agents.assign(1, 'coder-1', anna)
  await world.until(() => orders.length === 3)
  expect(sessionsOf(orders)).toEqual([undefined, undefined, 's1'])
})

it('L16, L17: a session with which a run dies at once is not replayed, and no order is empty', async () => {
  const orders: RunOrder[] = []
  const script: Script = (agent, _, count) => {
    if (count === 1) agent.say('session broken\n')
    agent.vanish()
  }
  const world = new World({ script, createRuntime: () => resumable(orders) })
  const { pipeline } = world.start()
  world.story()
  await world.until(() => pipeline.need(1).stage.kind === 'blocked')
  expect(sessionsOf(orders)).toEqual([undefined, 'broken', ...Array(4).fill(undefined)])
  expect(orders.every(({ prompt }) => prompt.trim() !== '')).toBe(true)
})
