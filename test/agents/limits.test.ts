import { describe, expect, it } from 'vitest'
import type { Parking } from '../../src/agents/accounts/accounts.ts'
import type { Outcome, RunOrder } from '../../src/agents/runtime.ts'
import { endWith, scriptedRuntime, tell } from '../support/scripted-runtime.ts'
import { anna, type Script, World, type WorldOptions } from './world.ts'

const minute = 60_000
const claude = { runtime: 'claude-code' }
const coders = ['coder-1', 'coder-2', 'coder-3'].map((name) => ({ name, ...claude }))
const work = { name: 'work', runtime: 'claude-code', home: '/accounts/work' }
const spare = { name: 'spare', runtime: 'claude-code', home: '/accounts/spare' }

const limited = (until?: number): Outcome => ({
  kind: 'limited',
  reason: 'You have hit your limit.',
  ...(until !== undefined && { until }),
})

/** Gets its answers, commits and is done after 50 ms. */
const answered: Script = (agent, item, count, { worktrees }) => {
  tell(agent, { type: 'session', id: `s${item}` })
  tell(agent, { type: 'turn' })
  agent.after(50, () => {
    worktrees.edit(item, `file-${count}`, `${count}`)
    worktrees.commit(item)
    endWith(agent, { kind: 'completed' }, 0)
  })
}

/** Works until the moment, then is refused, also when it is started again too early. */
function refusedUntil(reset: number, outcome: (now: number) => Outcome): Script {
  return (agent, item, count, world) => {
    tell(agent, { type: 'session', id: `s${item}` })
    if (world.clock.now() >= reset) return answered(agent, item, count, world)
    agent.after(20, () => endWith(agent, outcome(world.clock.now())))
  }
}

function openWorld(script: Script, options: WorldOptions = {}) {
  const orders: RunOrder[] = []
  const world = new World({
    agents: coders,
    script,
    createRuntime: () => scriptedRuntime(orders),
    ...options,
  })
  const program = world.start()
  const parkings: Parking[] = []
  program.accounts.witness((parking) => parkings.push(parking))
  return { world, orders, parkings, ...program }
}

const stages = (world: World, ...items: number[]) =>
  items.map((item) => world.program.pipeline.need(item).stage)

describe('an account at its limit', () => {
  it('L01, L12: ends the run, parks the item and counts nothing; the same session goes on after it', async () => {
    const reset = 1_000_000 + 60 * minute
    const { world, orders, parkings, runs, agents } = openWorld(
      refusedUntil(reset, () => limited(reset)),
    )
    world.story()
    await world.until(() => parkings.length === 1)
    await world.until(() => runs.active().length === 0)
    expect(stages(world, 1)).toEqual([{ kind: 'coding', retries: 0 }])
    expect(agents.why(1)).toBe(
      'the login of claude-code is at its limit until 1970-01-01 01:16 UTC',
    )
    expect(agents.parked.get(1)).toBe(agents.why(1))
    expect(agents.waitsForTime).toBe(true)

    await world.elapse(reset - world.clock.now())
    expect(orders).toHaveLength(1)
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', 30_000)
    expect(orders.map(({ session }) => session)).toEqual([undefined, 's1'])
    expect(agents.waitsForTime).toBe(false)
    expect(orders[1]?.prompt).toContain('Go on where you left off.')
    expect(parkings).toHaveLength(1)
    expect(world.errors).toEqual([])
  })

  it('lets an agent that helps beside others go on after it, once, in its session', async () => {
    const reset = 1_000_000 + 60 * minute
    const { world, orders, agents, pipeline, runs } = openWorld(
      refusedUntil(reset, () => limited(reset)),
      { agents: [{ name: 'helper', stage: 'other', ...claude }] },
    )
    world.story()
    await world.until(() => world.worktrees.find(1) !== undefined)
    agents.assign(1, 'helper', anna)
    await world.until(() => orders.length === 1 && runs.active().length === 0)
    expect(agents.waitsForTime).toBe(true)
    await world.elapse(reset - world.clock.now())
    expect(orders).toHaveLength(1)
    await world.elapse(2 * minute)
    expect(orders.map(({ session }) => session)).toEqual([undefined, 's1'])
    expect([agents.waitsForTime, runs.active()]).toEqual([false, []])
    expect(pipeline.need(1).stage.kind).toBe('coding')
  })

  it('does not bring back who was stopped while waiting: neither a helper nor the item itself', async () => {
    const reset = 1_000_000 + 60 * minute
    const { world, orders, agents, runs } = openWorld(
      refusedUntil(reset, () => limited(reset)),
      { agents: [{ name: 'helper', stage: 'other', ...claude }, ...coders] },
    )
    world.story()
    await world.until(() => orders.length === 1)
    agents.assign(1, 'helper', anna)
    await world.until(() => orders.length === 2 && runs.active().length === 0)
    expect(agents.stop(1, anna)).toEqual({ stopped: [], calledOff: ['helper'], blocks: true })
    expect(stages(world, 1)).toMatchObject([{ kind: 'blocked', reason: 'Stopped by Anna.' }])
    expect(agents.waitsForTime).toBe(false)
    expect(() => agents.stop(1, anna)).toThrow('No agent works on #1')
    world.crash()
    world.start()
    await world.elapse(120 * minute)
    expect(orders).toHaveLength(2)
    expect(world.errors).toEqual([])
  })

  it('makes all items of the account wait, and one of them tries before the others follow', async () => {
    const reset = 1_000_000 + 5 * minute
    const slowAnswer: Script = (agent, item, count, world) => {
      tell(agent, { type: 'session', id: `s${item}` })
      agent.after(10_000, () => answered(agent, item, count, world))
    }
    const script: Script = (agent, item, count, world) =>
      world.clock.now() < reset
        ? refusedUntil(reset, () => limited(reset))(agent, item, count, world)
        : slowAnswer(agent, item, count, world)
    const { world, orders, agents, parkings } = openWorld(script)
    for (let count = 0; count < 3; count += 1) world.story()
    await world.elapse(reset - 1_000_000)
    expect(orders).toHaveLength(3)
    expect(parkings).toHaveLength(1)
    await world.elapse(12_000)
    expect(orders).toHaveLength(4)
    expect(agents.why(2)).toBe('one run tries the login of claude-code before the others do')
    await world.until(() => orders.length === 6, 15_000)
    await world.until(() => stages(world, 1, 2, 3).every(({ kind }) => kind === 'merge'))
    expect(orders.slice(3).map(({ session }) => session)).toEqual(['s1', 's2', 's3'])
  })

  it('waits longer each time where nobody says until when', async () => {
    const reset = 1_000_000 + 100 * minute
    const { world } = openWorld(refusedUntil(reset, () => limited()))
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', 150 * minute)
    const begun = world.host.launches.map(({ at }) => Math.round((at - 1_000_000) / minute))
    expect(begun).toEqual([0, 5, 20, 80, 140])
  })

  it('is never left sooner because a later refusal names an earlier time', async () => {
    const late = 1_000_000 + 60 * minute
    const script: Script = (agent, item, count, world) => {
      if (world.clock.now() >= late) return answered(agent, item, count, world)
      agent.after(item * 100, () => endWith(agent, limited(item === 1 ? late : 1_010_000)))
    }
    const { world, orders, parkings } = openWorld(script)
    world.story()
    world.story()
    await world.elapse(60 * minute)
    expect(orders).toHaveLength(2)
    expect(parkings).toHaveLength(1)
    await world.until(() => stages(world, 1, 2).every(({ kind }) => kind === 'merge'), minute)
  })

  it('has the next account used at once, where the item starts cold and is told so', async () => {
    const reset = 1_000_000 + 60 * minute
    const script: Script = (agent, item, count, world) =>
      count === 1
        ? refusedUntil(reset, () => limited(reset))(agent, item, count, world)
        : answered(agent, item, count, world)
    const { world, orders, parkings } = openWorld(script, { settings: { account: [work, spare] } })
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', 10_000)
    expect(orders.map(({ accountHome, session }) => [accountHome, session])).toEqual([
      ['/accounts/work', undefined],
      ['/accounts/spare', undefined],
    ])
    expect(orders[1]?.prompt).toContain('# You start anew')
    expect(parkings).toMatchObject([
      { account: 'claude-code/work', shared: true, next: { account: 'claude-code/spare' } },
    ])
  })

  it('an agent that names its account waits for that one', async () => {
    const reset = 1_000_000 + 60 * minute
    const { world, orders } = openWorld(
      refusedUntil(reset, () => limited(reset)),
      {
        agents: [{ name: 'only', ...claude, account: 'work' }],
        settings: { account: [work, spare] },
      },
    )
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', 70 * minute)
    expect(orders.map(({ accountHome }) => accountHome)).toEqual([
      '/accounts/work',
      '/accounts/work',
    ])
  })

  it('is tried at once when a person says so', async () => {
    const reset = 1_000_000 + 60 * minute
    const { world, orders, agents, parkings } = openWorld(refusedUntil(reset, () => limited(reset)))
    world.story()
    await world.until(() => parkings.length === 1)
    await world.elapse(minute)
    expect(agents.wake(1)).toBe(true)
    await world.until(() => parkings.length === 2, 1_000)
    expect(orders).toHaveLength(2)
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', 61 * minute)
    expect(orders).toHaveLength(3)
    expect(agents.wake(1)).toBe(false)
  })

  it('outlives restarts and clocks that are set', async () => {
    const reset = 1_000_000 + 180 * minute
    const { world, orders } = openWorld(refusedUntil(reset, () => limited(reset)))
    world.story()
    await world.elapse(minute)
    world.crash()
    await world.elapse(minute)
    world.start()
    await world.elapse(minute)
    world.clock.jump(60 * minute)
    await world.elapse(60 * minute)
    expect(orders).toHaveLength(1)
    world.clock.jump(-60 * minute)
    await world.elapse(reset - world.clock.now())
    expect(orders).toHaveLength(1)
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', 70_000)
    expect(orders).toHaveLength(2)
  })

  it('tries again with another run where the first did not get to an answer', async () => {
    const reset = 1_000_000 + 5 * minute
    const script: Script = (agent, item, count, world) => {
      if (world.clock.now() < reset) return endWith(agent, limited(reset))
      return count === 2 && item === 1 ? agent.vanish() : answered(agent, item, count, world)
    }
    const { world, orders } = openWorld(script)
    world.story()
    world.story()
    await world.until(() => stages(world, 1, 2).every(({ kind }) => kind === 'merge'), 6 * minute)
    expect(orders).toHaveLength(5)
  })

  it('L09: the exit of a limited merge agent leaves the item where it is', async () => {
    const reset = 1_000_000 + 5 * minute
    const { world, pipeline, orders } = openWorld((agent) => endWith(agent, limited(reset)), {
      agents: [{ name: 'merger', ...claude, stage: 'mergemaster' }],
    })
    const { id } = pipeline.create({ type: 'story', name: 'x' }, anna)
    pipeline.apply(id, { type: 'start' }, anna)
    const branch = { branch: 'feature/item-1', ahead: 1 }
    pipeline.apply(id, { type: 'qa-skipped', work: branch }, anna)
    const failure = { kind: 'conflict', detail: 'a.txt' } as const
    pipeline.apply(id, { type: 'merge-failed', failure }, anna)
    await world.until(() => orders.length === 1)
    await world.elapse(minute)
    expect(stages(world, 1)).toMatchObject([{ kind: 'merge-failure', attempts: 1 }])
    expect(orders).toHaveLength(1)
  })

  it('L12: has an interrupted recovery start its counting anew', async () => {
    const reset = 1_000_000 + 5 * minute
    const script: Script = (agent, item, count, { worktrees }) => {
      tell(agent, { type: 'session', id: 's' })
      worktrees.edit(item, 'file', 'same')
      if (count === 3) return endWith(agent, limited(reset))
      endWith(agent, { kind: 'completed' }, 0)
    }
    const { world } = openWorld(script)
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'blocked', 10 * minute)
    expect(world.host.launches).toHaveLength(6)
  })

  it('what a limited run has committed waits with it, and is not judged half done', async () => {
    const reset = 1_000_000 + 5 * minute
    const script: Script = (agent, item, count, world) => {
      if (count > 1) return answered(agent, item, count, world)
      world.worktrees.edit(item, 'half', 'half')
      world.worktrees.commit(item)
      endWith(agent, limited(reset))
    }
    const { world } = openWorld(script)
    world.story()
    await world.elapse(minute)
    expect(world.gates.runs).toEqual([])
    expect(stages(world, 1)).toEqual([{ kind: 'coding', retries: 0 }])
  })
})

describe('a soft limit', () => {
  const warning = (agent: Parameters<Script>[0], resetsAt: number) =>
    tell(agent, { type: 'limit', status: 'warning', resetsAt, overage: false })

  it('L08: marks the run until its end, and the run goes on', async () => {
    const until = 1_000_000 + 5 * minute
    const script: Script = (agent, ...rest) => {
      tell(agent, { type: 'limit', status: 'allowed', resetsAt: until, overage: false })
      agent.after(1_000, () => warning(agent, until))
      agent.after(2_000, () => warning(agent, until))
      agent.after(10_000, () => answered(agent, ...rest))
    }
    const { world, runs, told } = openWorld(script)
    world.story()
    await world.elapse(500)
    expect(runs.activeOf(1)?.throttledUntil).toBeUndefined()
    await world.elapse(3_000)
    expect(runs.activeOf(1)?.throttledUntil).toBe(until)
    await world.until(() => stages(world, 1)[0]?.kind === 'merge')
    expect(told.filter(({ type }) => type === 'throttled')).toHaveLength(1)
    expect(world.host.launches).toHaveLength(1)
  })

  const overrun: Script = (agent, item, count, world) => {
    const used = world.clock.now() < 1_000_000 + minute
    tell(agent, { type: 'session', id: 's1' })
    if (used)
      tell(agent, {
        ...{ type: 'limit', status: 'refused', overage: true },
        resetsAt: 1_000_000 + minute,
      })
    agent.after(5_000, () => answered(agent, item, count, world))
  }

  it('a run that costs more than the plan is ended as at a limit', async () => {
    const { world, runs, orders } = openWorld(overrun)
    world.story()
    await world.until(() => runs.of(1)[0]?.state === 'ended', 2_000)
    expect(runs.of(1)[0]?.outcome).toMatchObject({ kind: 'limited', until: 1_000_000 + minute })
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', 2 * minute)
    expect(orders.map(({ session }) => session)).toEqual([undefined, 's1'])
  })

  it('unless the project allows that', async () => {
    const { world, orders } = openWorld(overrun, { settings: { overage: true } })
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', minute)
    expect(orders).toHaveLength(1)
  })
})

describe('an account that is refused', () => {
  it('stops its run at the second try, and all its items wait for a person', async () => {
    let loggedIn = false
    const script: Script = (agent, item, count, world) => {
      tell(agent, { type: 'session', id: `s${item}` })
      if (loggedIn) return answered(agent, item, count, world)
      const retry = (attempt: number) => () =>
        tell(agent, { type: 'retry', attempt, status: 401, error: 'authentication_failed' })
      for (const attempt of [1, 2, 3]) agent.after(attempt * 1_000, retry(attempt))
    }
    const { world, orders, agents, parkings } = openWorld(script, {
      agents: [{ name: 'only', ...claude }],
    })
    world.story()
    world.story()
    await world.elapse(2_500)
    expect(world.host.alive()).toEqual([])
    await world.elapse(24 * 60 * minute)
    expect(orders).toHaveLength(1)
    expect(parkings).toMatchObject([{ account: 'claude-code', park: { kind: 'refused' } }])
    expect(stages(world, 1, 2)).toEqual(Array(2).fill({ kind: 'coding', retries: 0 }))
    expect(agents.why(2)).toBe(
      'the login of claude-code is refused (The service answers: authentication_failed, HTTP 401): log in again or mend it, then say "resume"',
    )
    loggedIn = true
    expect(agents.wakeAll('refused')).toBe(true)
    await world.until(() => stages(world, 1, 2).every(({ kind }) => kind === 'merge'), minute)
    expect(agents.wakeAll()).toBe(false)
  })
})

describe('an overloaded service', () => {
  const overloaded: Outcome = { kind: 'overloaded', reason: 'Overloaded.' }

  it('is asked again later each time by the same session, and that is no failure', async () => {
    const script: Script = (agent, item, count, world) => {
      tell(agent, { type: 'session', id: 's' })
      return count < 5 ? endWith(agent, overloaded) : answered(agent, item, count, world)
    }
    const { world, orders, agents } = openWorld(script)
    world.story()
    await world.elapse(1_000)
    expect(agents.parked.get(1)).toBe('the service was overloaded (Overloaded.)')
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', 20 * minute)
    const begun = world.host.launches.map(({ at }) => Math.round((at - 1_000_000) / 1_000))
    expect(begun).toEqual([0, 33, 99, 231, 495])
    expect(orders.slice(1).every(({ session }) => session === 's')).toBe(true)
    expect(stages(world, 1)).toMatchObject([{ retries: 0 }])
  })

  it('blocks the item in the end, with how often it was asked', async () => {
    const { world } = openWorld((agent) => endWith(agent, overloaded))
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'blocked', 24 * 60 * minute)
    expect(stages(world, 1)).toMatchObject([
      { reason: 'The service of coder-1 was overloaded 12 times in a row: Overloaded.' },
    ])
  })
})

describe('an end that is no end of the work', () => {
  it('a lost session is started cold once, without a failure', async () => {
    const script: Script = (agent, item, count, world) => {
      if (count === 2) return endWith(agent, { kind: 'lost-session', reason: 'No such session.' })
      tell(agent, { type: 'session', id: `s${count}` })
      return count === 1 ? agent.vanish() : answered(agent, item, count, world)
    }
    const { world, orders } = openWorld(script)
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', minute)
    expect(orders.map(({ session }) => session)).toEqual([undefined, 's1', undefined])
    expect(orders[2]?.prompt).toContain('No such session. You do not remember it')
  })

  it('a full context counts as a failure and is started cold, with its last words', async () => {
    const script: Script = (agent, item, count, world) => {
      tell(agent, { type: 'session', id: `s${count}` })
      if (count > 1) return answered(agent, item, count, world)
      tell(agent, { type: 'text', text: 'I was in the middle of the parser.' })
      endWith(agent, { kind: 'exhausted', what: 'context', reason: 'The prompt is too long.' })
    }
    const { world, orders, pipeline } = openWorld(script)
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'merge', minute)
    expect(orders.map(({ session }) => session)).toEqual([undefined, undefined])
    expect(orders[1]?.prompt).toContain('> I was in the middle of the parser.')
    expect(orders[1]?.prompt).toContain('# What happened since the last run\n\n- gates-failed')
    expect(pipeline.history(1).filter(({ event }) => event === 'gates-failed')).toHaveLength(1)
  })

  it('an agent that is killed again and again is not started for ever', async () => {
    const script: Script = (agent, _, count) => {
      tell(agent, { type: 'session', id: count < 3 ? 's1' : 's3' })
      agent.vanish()
    }
    const { world, orders } = openWorld(script, { settings: { max_retries: 1 } })
    world.story()
    await world.until(() => stages(world, 1)[0]?.kind === 'blocked', minute)
    expect(stages(world, 1)).toMatchObject([
      {
        reason:
          'The agent coder-1 was cut off 4 times in a row: something ends it before it is done.',
      },
    ])
    // Its session is tried once more, then it starts cold.
    expect(orders.map(({ session }) => session)).toEqual([undefined, 's1', undefined, 's3'])
  })

  it('what a person ends is not held against the agent', async () => {
    const script: Script = (agent) => tell(agent, { type: 'session', id: 's' })
    const { world, runs, pipeline } = openWorld(script, { settings: { max_retries: 0 } })
    world.story()
    for (let times = 1; times <= 4; times += 1) {
      await world.until(() => world.host.launches.length === times)
      pipeline.apply(1, { type: 'freeze' }, anna)
      await world.until(() => runs.active().length === 0)
      pipeline.apply(1, { type: 'unfreeze' }, anna)
    }
    await world.until(() => world.host.launches.length === 5)
    expect(stages(world, 1)).toEqual([{ kind: 'coding', retries: 0 }])
  })
})

it('L16: goes on with the session of the same model only, and no order is empty', async () => {
  const script: Script = (agent, _, count) => tell(agent, { type: 'session', id: `s${count}` })
  const only = { name: 'only', ...claude }
  const { world, orders, runs, pipeline } = openWorld(script, { agents: [only] })
  world.story({ agent: 'only' })
  await world.until(() => runs.activeOf(1)?.session !== undefined)
  pipeline.apply(1, { type: 'freeze' }, anna)
  await world.until(() => runs.active().length === 0)
  world.crash()
  world.useAgents([{ ...only, model: 'opus' }])
  world.start()
  world.program.pipeline.apply(1, { type: 'unfreeze' }, anna)
  await world.until(() => orders.length === 2)
  expect(orders.map(({ model, session }) => [model, session])).toEqual([
    ['sonnet', undefined],
    ['opus', undefined],
  ])
  expect(orders.every(({ prompt }) => prompt.trim() !== '')).toBe(true)
})
