import { expect, it } from 'vitest'
import type { AgentEvent } from '../../../src/agents/runtime.ts'
import { ShellRuntime } from '../../../src/agents/runtimes/shell.ts'
import type { FakeProcess } from '../../support/fake-process-host.ts'
import { endWith, scriptedRuntime, tell } from '../../support/scripted-runtime.ts'
import { diligent, type Script, World, type WorldOptions } from '../world.ts'
import { call } from './looks.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

function open(script: Script, { agents, ...options }: WorldOptions = {}) {
  const world = new World({
    agents: agents ?? [{ name: 'coder-1', model: 'claude-sonnet-4-5' }],
    createRuntime: () => scriptedRuntime(),
    settings: { default_coder_model: 'claude-sonnet-4-5', ...options.settings },
    script,
    ...options,
  })
  return { world, ...world.start() }
}

const stageOf = (world: World, item: number) => world.program.pipeline.need(item).stage

/** Does the same again and again. */
function forEver(agent: FakeProcess, everyMs: number, events: () => readonly AgentEvent[]): void {
  for (const event of events()) tell(agent, event)
  agent.after(everyMs, () => forEver(agent, everyMs, events))
}

/** Answers for a dollar each time. */
const dear: Script = (agent) => {
  tell(agent, { type: 'session', id: 's' })
  forEver(agent, 10 * second, () => [
    { type: 'turn' },
    { type: 'usage', input: 0, output: 66_667, cacheRead: 0, cacheWrite: 0 },
  ])
}

it('L01: a limit is stored, then the run is killed, then verified, and only then is anything counted', async () => {
  const { world, runs } = open(
    (agent) => {
      agent.obeysTerm = false
      forEver(agent, second, () => [{ type: 'turn' }, ...call('read', Math.random())])
    },
    { agents: [{ name: 'coder-1', max_tool_turns: 3, model: 'claude-sonnet-4-5' }] },
  )
  world.story()
  await world.until(() => runs.active()[0]?.stop !== undefined)
  expect(world.host.alive()).toEqual(['r1'])
  expect(runs.active()).toMatchObject([{ id: 'r1', state: 'running' }])
  expect(stageOf(world, 1)).toEqual({ kind: 'coding', retries: 0 })
  await world.until(() => runs.of(1)[0]?.id === 'r2')
  expect(runs.get('r1')).toMatchObject({ state: 'ended', outcome: { kind: 'failed' } })
  expect(stageOf(world, 1)).toMatchObject({
    ...{ kind: 'coding', retries: 1 },
    failure: expect.stringContaining('not done after 3 turns with tools (max_tool_turns)'),
  })
  await world.until(() => stageOf(world, 1).kind === 'blocked', hour)
  expect(runs.of(1)).toHaveLength(4)
  expect(world.errors).toEqual([])
})

it('L13: money is counted in flight, and a killed run counts as an estimate', async () => {
  const agents = [{ name: 'coder-1', model: 'claude-sonnet-4-5', max_budget_usd: 3 }]
  const { world, runs, ledger } = open(dear, { agents })
  world.story()
  await world.until(() => runs.of(1)[0]?.id === 'r2')
  expect(ledger.ofRun({ token: 1 }).usd).toBeGreaterThan(3)
  expect(ledger.ofRun({ token: 1 }).usd).toBeLessThan(3.3)
  expect(ledger.ofRun({ token: 1 }).estimated).toBe(ledger.ofRun({ token: 1 }).usd)
  expect(runs.get('r1')?.stop?.reason).toMatch(/^The agent has cost \$3.\d\d, and may cost \$3.00/)
})

it('nothing starts beyond what an item may cost, and what it waits for is said', async () => {
  const settings = { item_budget_usd: 2, default_coder_model: 'claude-sonnet-4-5' }
  const { world, runs, agents } = open(dear, { settings })
  world.story()
  await world.until(() => runs.of(1)[0]?.state === 'ended')
  await world.elapse(hour)
  expect(world.host.launches).toHaveLength(1)
  expect(stageOf(world, 1)).toMatchObject({ kind: 'coding', retries: 1 })
  expect(agents.why(1)).toMatch(/^it has cost \$2.\d\d, and may cost \$2.00/)
  world.story()
  await world.until(() => world.host.launches.length === 2)
})

it("the day's money stops all at once, counts as nobody's failure, and comes back with the next day", async () => {
  const settings = { daily_budget_usd: 4, default_coder_model: 'claude-sonnet-4-5' }
  const { world, runs } = open(dear, {
    settings,
    agents: ['coder-1', 'coder-2'].map((name) => ({ name, model: 'claude-sonnet-4-5' })),
  })
  world.story()
  world.story()
  await world.until(() => world.host.launches.length === 2)
  await world.until(() => runs.active().length === 0)
  for (const item of [1, 2]) expect(stageOf(world, item)).toEqual({ kind: 'coding', retries: 0 })
  // It is spent also for a later start of the program.
  world.crash()
  const { agents } = world.start()
  expect(agents.shortage).toMatch(/^this day has cost \$4.\d\d, and may cost \$4.00/)
  await world.elapse(20 * hour)
  expect(agents.why(1)).toBe(agents.shortage)
  expect(world.host.launches).toHaveLength(2)
  // The clock began a quarter of an hour after midnight.
  await world.until(() => world.host.launches.length === 4, 4 * hour)
})

it('what was read before a crash is counted once, and limits that were used up stay so', async () => {
  const agents = [{ name: 'coder-1', model: 'claude-sonnet-4-5', max_turns: 10 }]
  const { world } = open(dear, { agents })
  world.story()
  await world.until(({ runs }) => (runs.active()[0]?.offset ?? 0) > 0)
  await world.elapse(35 * second)
  const before = world.program.ledger.ofItem(1).usd
  expect(before).toBeGreaterThan(3)
  for (let count = 0; count < 3; count += 1) {
    world.crash()
    world.start()
    await world.elapse(5 * second)
  }
  const { ledger, runs } = world.program
  expect(ledger.ofItem(1).usd).toBeLessThan(before + 3)
  await world.until(() => runs.get('r1')?.state === 'ended', 5 * minute)
  expect(ledger.ofRun({ token: 1 }).usd).toBeLessThan(12)
  expect(runs.get('r1')?.stop?.reason).toMatch(/10 turns \(max_turns\)/)
})

it('a program that has told its end and stays is ended after ten seconds, and what it told counts', async () => {
  const { world, runs } = open((agent, item, count, { worktrees }) => {
    tell(agent, { type: 'turn' })
    worktrees.edit(item, `file-${count}`, 'x')
    worktrees.commit(item)
    tell(agent, { type: 'end', ok: true })
    agent.say(`${JSON.stringify({ outcome: { kind: 'completed' } })}\n`)
  })
  world.story()
  await world.until(() => stageOf(world, 1).kind === 'merge')
  const [run] = runs.of(1)
  expect(run?.stop).toBeUndefined()
  expect(run?.outcome).toEqual({ kind: 'completed' })
  expect((run?.endedAt ?? 0) - (run?.startedAt ?? 0)).toBeLessThan(13 * second)
})

it('a silent build is left alone as long as it works, and a program that hangs is not', async () => {
  const building = (agent: FakeProcess) => {
    agent.cpuMs += 500
    agent.after(second, () => building(agent))
  }
  const { world, runs } = open(
    (agent, item) => {
      tell(agent, { type: 'turn' })
      tell(agent, { type: 'tool-start', id: 'b', name: 'bash', input: 'cargo build' })
      if (item === 1) building(agent)
      agent.after(20 * minute, () => endWith(agent, { kind: 'completed' }, 0))
    },
    { agents: ['coder-1', 'coder-2'].map((name) => ({ name, model: 'claude-sonnet-4-5' })) },
  )
  world.story()
  world.story()
  await world.until(() => runs.of(2)[0]?.state === 'ended', hour)
  expect(runs.get('r2')?.stop?.reason).toMatch(/said nothing for 300 seconds/)
  await world.until(() => runs.get('r1')?.state === 'ended', hour)
  expect(runs.get('r1')?.stop).toBeUndefined()
})

it('a shell script costs nothing, and leaves no trace in the ledger', async () => {
  const { world, ledger } = open(diligent, {
    createRuntime: (agent) => new ShellRuntime(agent, {}),
  })
  world.story()
  await world.until(({ runs }) => runs.of(1)[0]?.state === 'ended')
  expect(ledger.since(0).usd).toBe(0)
})
