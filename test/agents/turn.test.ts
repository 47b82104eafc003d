import { describe, expect, it } from 'vitest'
import { green, red } from '../support/fake-gates.ts'
import { anna, diligent, type Script, World } from './world.ts'

const stageOf = (world: World, item: number) => world.program.pipeline.need(item).stage

/** An agent that talks and never ends by itself. */
const endless: Script = (agent) => {
  agent.say('working\n')
  agent.after(1_000, () => endless(agent, 0, 0, {} as World))
}

describe('a turn', () => {
  it('goes from the start to the merge queue: claim, spawn, commit, gates', async () => {
    const world = new World()
    const { pipeline, runs, told } = world.start()
    const item = world.story()
    await world.until(() => pipeline.need(item.id).stage.kind === 'merge')

    expect(stageOf(world, 1)).toMatchObject({ work: { branch: 'feature/item-1', ahead: 1 } })
    expect(world.gates.runs).toEqual(['item-1'])
    expect(runs.active()).toEqual([])
    expect(runs.of(item.id)).toMatchObject([
      { id: 'r1', agent: 'coder-1', state: 'ended', attempt: 1, outcome: { kind: 'completed' } },
    ])
    expect(told.map(({ type }) => type)).toEqual(['started', 'output', 'finished'])
  })

  it('judges an agent of 50 ms within 150 ms of its end', async () => {
    const world = new World()
    world.start()
    const begun = world.clock.now()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'merge')
    expect(world.clock.now() - begun).toBeLessThan(50 + 150)
  })

  it('starts the agent in its worktree, with its order, the facts and the commit gate', async () => {
    const world = new World({ agents: [{ name: 'coder-1', prompt: 'Write haiku.' }] })
    world.start()
    world.story({ name: 'Add a greeting', body: 'Politely.' })
    await world.until(() => world.host.launches.length === 1)
    const launch = world.host.launches[0]?.launch
    expect(launch).toMatchObject({ command: 'agent', args: [], cwd: '/worktrees/item-1' })
    expect(launch?.stdin).toContain('# Item 1: Add a greeting')
    expect(launch?.stdin).toContain('Write haiku.')
    expect(launch?.env).toEqual({
      PATH: process.env.PATH,
      GIT_CONFIG_COUNT: '0',
      HUSKIES_RUN: 'r1',
      HUSKIES_AGENT: 'coder-1',
      HUSKIES_ROLE: 'coder',
      HUSKIES_ATTEMPT: '1',
      HUSKIES_ITEM: '1',
      HUSKIES_ITEM_TYPE: 'story',
      HUSKIES_ITEM_NAME: 'Add a greeting',
      HUSKIES_ITEM_BODY: 'Politely.',
      HUSKIES_BRANCH: 'feature/item-1',
      HUSKIES_BASE_BRANCH: 'main',
      HUSKIES_FAILURE: '',
    })
  })

  it('does nothing any more once it is over: no spawn, no gates, no change', async () => {
    const world = new World()
    const { pipeline } = world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'merge')
    const before = pipeline.history(1).length
    await world.elapse(120_000)
    expect(world.host.launches).toHaveLength(1)
    expect(world.gates.runs).toHaveLength(1)
    expect(pipeline.history(1)).toHaveLength(before)
  })

  it('L07: serves an item that found all agents busy as soon as one is free', async () => {
    const world = new World({ agents: [{ name: 'only' }] })
    const { agents } = world.start()
    for (let count = 0; count < 4; count += 1) world.story()
    await world.until(() => world.host.launches.length === 1)
    expect(agents.why(3)).toBe('all agents are busy')
    await world.until(
      () => [1, 2, 3, 4].every((item) => stageOf(world, item).kind === 'merge'),
      5_000,
    )
    expect(world.host.launches.map(({ launch }) => launch.env.HUSKIES_ITEM)).toEqual([
      '1',
      '2',
      '3',
      '4',
    ])
  })

  it('starts nobody while the pipeline is paused', async () => {
    const world = new World()
    const { pipeline, agents } = world.start()
    pipeline.setPaused(true, anna)
    world.story()
    await world.elapse(60_000)
    expect(world.host.launches).toEqual([])
    expect(agents.why(1)).toBe('the pipeline is paused: "resume" goes on')
    pipeline.setPaused(false, anna)
    await world.until(() => stageOf(world, 1).kind === 'merge')
  })
})

describe('the judgement', () => {
  it('tells the next run what the gates found, and passes what it then does', async () => {
    const judge = (_: string, count: number) =>
      count === 1
        ? red('test', 'expected: HELLO')
        : { passed: true as const, output: '', durationMs: 0 }
    const world = new World({ judge })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'merge')
    const [first, second] = world.host.launches.map(({ launch }) => launch)
    expect(first?.env.HUSKIES_FAILURE).toBe('')
    expect(second?.env.HUSKIES_FAILURE).toBe('the test failed (test)\nexpected: HELLO')
    expect(second?.env.HUSKIES_ATTEMPT).toBe('2')
    expect(second?.stdin).toContain('expected: HELLO')
  })

  it('blocks after max_retries with the reason, and starts nobody then', async () => {
    const world = new World({ judge: () => red('test', 'still red'), settings: { max_retries: 2 } })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'blocked')
    expect(stageOf(world, 1)).toMatchObject({
      reason: 'It failed 3 times, which is the limit. Last: the test failed (test)\nstill red',
    })
    await world.elapse(120_000)
    expect(world.host.launches).toHaveLength(3)
  })

  it.each([
    ['human', 'review-hold'],
    ['agent', 'qa'],
  ] as const)('leads to a %s review where the item asks for it', async (qa, kind) => {
    const world = new World()
    world.start()
    world.story({ qa })
    await world.until(() => stageOf(world, 1).kind === kind)
  })

  it('holds a spike for a person, without gates', async () => {
    const world = new World()
    world.start()
    world.story({ type: 'spike' })
    await world.until(() => stageOf(world, 1).kind === 'review-hold')
    expect(world.gates.runs).toEqual([])
  })

  it('copies what a spike has found into the item, before its worktree can go', async () => {
    const script: Script = (agent, item, _count, { worktrees }) => {
      worktrees.edit(item, 'notes.md', '- [ ] no criterion')
      agent.say('Use the second library.\n- [ ] nor this\n```\n')
      agent.exit(0)
    }
    const world = new World({ script })
    world.start()
    world.story({ type: 'spike', body: 'Which one?\n- [ ] an answer' })
    await world.until(() => stageOf(world, 1).kind === 'review-hold')
    const { body, criteria } = world.program.pipeline.need(1)
    expect(body).toMatch(
      /^Which one\?\n- \[ \] an answer\n\n\*\*Findings of coder-1 \(r1\)\*\*\n\n> /,
    )
    expect(body).toContain('> Use the second library.\n')
    expect(body).toContain('> +++ notes.md\n')
    expect(criteria).toEqual([{ text: 'an answer', met: false }])
    const byAgent = world.program.pipeline.history(1).filter(({ by }) => by.kind === 'run')
    expect(byAgent.map(({ event }) => event)).toEqual(['edit', 'hold'])
  })

  it('tells what the agent said last where it failed without a commit, and retries', async () => {
    const script: Script = (agent) => {
      agent.say('cannot read the licence\n')
      agent.exit(3)
    }
    const world = new World({ script, settings: { max_retries: 1 } })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'blocked')
    expect(stageOf(world, 1)).toMatchObject({
      reason:
        "It failed 2 times, which is the limit. Last: The agent's program ended with exit code 3.\ncannot read the licence",
    })
    expect(world.gates.runs).toEqual([])
  })

  it('L20: judges committed work by the gates, although the program crashed afterwards', async () => {
    const script: Script = (agent, item, count, { worktrees }) => {
      worktrees.edit(item, 'file', String(count))
      worktrees.commit(item)
      agent.exit(139)
    }
    const world = new World({ script })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'merge')
    expect(world.host.launches).toHaveLength(1)
  })

  it('L11: tells an agent with uncommitted work to commit it, and blocks at the third idle end', async () => {
    const script: Script = (agent, item, _, { worktrees }) => {
      agent.say('done, I think\n')
      worktrees.edit(item, 'file', 'same')
      agent.exit(0)
    }
    const world = new World({ script })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'blocked')
    const orders = world.host.launches.map(({ launch }) => launch.stdin ?? '')
    expect(orders.map((order) => order.includes('Commit your work: '))).toEqual([false, true, true])
    expect(stageOf(world, 1)).toMatchObject({ reason: expect.stringContaining('3 times in a row') })
  })

  it('L12: forgets the strikes once the item was blocked', async () => {
    const script: Script = (agent, item, _, { worktrees }) => {
      worktrees.edit(item, 'file', 'same')
      agent.exit(0)
    }
    const world = new World({ script })
    const { pipeline } = world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'blocked')
    pipeline.apply(1, { type: 'unblock' }, anna)
    await world.until(() => stageOf(world, 1).kind === 'blocked')
    expect(world.host.launches).toHaveLength(6)
  })

  it('L17: blocks an item whose agent died five times in a row before it got to work', async () => {
    const world = new World({ script: (agent) => agent.vanish() })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'blocked')
    expect(world.host.launches).toHaveLength(5)
    expect(stageOf(world, 1)).toMatchObject({
      reason: 'The agent coder-1 died 5 times in a row before it got to work.',
    })
  })

  it('blocks at once, with the reason, where the program cannot be started', async () => {
    const world = new World({ agents: [{ name: 'coder-1', command: 'missing' }] })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'blocked')
    expect(stageOf(world, 1)).toMatchObject({
      reason: 'The program missing cannot be found: correct its name.',
    })
    expect(world.program.runs.active()).toEqual([])
  })

  it('starts again after starts that failed, never beside what they had started', async () => {
    const script: Script = (agent, item, count, self) =>
      count === 1 ? endless(agent, item, count, self) : diligent(agent, item, count, self)
    const world = new World({ script })
    const faults = ['before', 'after', 'none'] as const
    let starts = 0
    world.host.startFault = () => faults[starts++] ?? 'none'
    world.start()
    world.story()
    await world.until(() => world.host.launches.length === 2)
    expect(world.livingOn(1)).toEqual(['r1'])
    await world.until(() => stageOf(world, 1).kind === 'merge')
    expect(starts).toBe(3)
  })

  it('judges what came to its end while its start was taken for failed', async () => {
    const world = new World()
    world.host.startFault = () => 'after'
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'merge')
    expect(world.host.launches).toHaveLength(1)
  })

  it('makes a worktree anew that an agent has deleted, and counts that as a failure', async () => {
    const script: Script = (agent, item, count, world) => {
      if (count > 1) return diligent(agent, item, count, world)
      world.worktrees.vanish(item)
      agent.exit(0)
    }
    const world = new World({ script })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'merge')
    expect(world.host.launches[1]?.launch.env.HUSKIES_FAILURE).toBe(
      'The agent ended without a commit.',
    )
  })
})

describe('the end of an agent', () => {
  it('L02: takes five seconds with one that ignores TERM, and its slot stays taken until then', async () => {
    const world = new World({
      agents: [{ name: 'only' }],
      script: (agent, item, count, self) => {
        agent.obeysTerm = false
        endless(agent, item, count, self)
      },
    })
    const { agents, runs } = world.start()
    world.story()
    await world.until(() => world.host.launches.length === 1)
    agents.stop(1, anna)
    await world.elapse(4_900)
    expect(runs.activeOf(1)).toMatchObject({ state: 'running', stop: { next: 'block' } })
    expect(agents.why(1)).toBe('only has it')
    await world.elapse(200)
    expect(world.livingOn(1)).toEqual([])
    expect(stageOf(world, 1)).toMatchObject({ kind: 'blocked', reason: 'Stopped by Anna.' })
  })

  it('L01: an agent that says nothing for too long is dead before anything else is', async () => {
    const world = new World({
      agents: [{ name: 'only', inactivity_timeout_secs: 60 }],
      script: (agent, item, count, self) => {
        if (count > 1) return diligent(agent, item, count, self)
        agent.obeysTerm = false
        return agent.say('thinking\n')
      },
    })
    world.start()
    world.story()
    await world.elapse(64_000)
    expect(world.host.launches).toHaveLength(1)
    expect(world.program.runs.activeOf(1)?.stop?.next).toBe('judge')
    await world.until(() => stageOf(world, 1).kind === 'merge', 5_000)
    expect(world.host.launches).toHaveLength(2)
    expect(world.host.launches[1]?.launch.env.HUSKIES_FAILURE).toContain(
      'said nothing for 60 seconds',
    )
  })

  it('a clock that is set, forwards or back, makes no silence and hides none', async () => {
    const world = new World({
      agents: [{ name: 'only', inactivity_timeout_secs: 60 }],
      script: (agent) => agent.say('thinking\n'),
    })
    world.start()
    world.story()
    await world.elapse(10_000)
    world.clock.jump(3_600_000)
    await world.elapse(40_000)
    world.clock.jump(-7_200_000)
    await world.elapse(5_000)
    expect(world.host.launches).toHaveLength(1)
    await world.until(() => world.host.launches.length === 2, 10_000)
  })

  it('L01: ends what an agent left behind before its work is judged', async () => {
    let leftDuringGates = -1
    const world: World = new World({
      script: (agent, item, count, self) => {
        agent.leave('server', { obeysTerm: false })
        diligent(agent, item, count, self)
      },
      judge: () => {
        leftDuringGates = world.livingOn(1).length
        return { passed: true, output: '', durationMs: 0 }
      },
    })
    world.start()
    world.story()
    await world.until(() => stageOf(world, 1).kind === 'merge')
    expect(leftDuringGates).toBe(0)
  })

  it('keeps the slot of what cannot be killed, names it, and gives it back when a person says so', async () => {
    const world = new World({
      agents: [{ name: 'only' }],
      script: (agent, item, count, self) => {
        if (item === 1) agent.leave('stuck', { obeysTerm: false, obeysKill: false })
        diligent(agent, item, count, self)
      },
    })
    const { agents, runs, told } = world.start()
    world.story()
    await world.elapse(300_000)
    const stuck = runs.activeOf(1)
    expect(stuck).toMatchObject({ state: 'running', survivors: [1_001] })
    expect(told.filter(({ type }) => type === 'survived')).toHaveLength(1)
    expect(() => agents.release(2)).toThrow('There is no item 2')
    agents.release(1)
    await world.until(() => stageOf(world, 1).kind === 'merge')
    // It is known now, so that nobody waits for it, in this start or the next.
    world.crash()
    world.start()
    world.story()
    await world.until(() => stageOf(world, 2).kind === 'merge')
  })

  it('keeps what a released process is found by, however often its item is worked on again', async () => {
    const world = new World({
      agents: [{ name: 'only' }],
      script: (agent, item, count, self) => {
        if (count === 1) agent.leave('stuck', { obeysTerm: false, obeysKill: false })
        diligent(agent, item, count, self)
      },
      judge: (_, count) => (count < 3 ? red('test') : green),
    })
    const { agents } = world.start()
    world.story()
    await world.elapse(300_000)
    agents.release(1)
    await world.until(() => stageOf(world, 1).kind === 'merge')
    expect(world.host.launches).toHaveLength(3)
    expect(world.host.alive()).toEqual(['r1'])
    expect(world.errors).toEqual([])
  })

  it('is not believed while there are processes that cannot be looked into', async () => {
    const world = new World()
    const { runs } = world.start()
    world.host.unreadable.add(99)
    world.story()
    await world.until(() => runs.activeOf(1)?.survivors !== undefined)
    expect(runs.activeOf(1)).toMatchObject({ state: 'claimed', survivors: [99] })
    world.host.unreadable.clear()
    await world.until(() => stageOf(world, 1).kind === 'merge')
  })

  it.each([
    ['freeze', 'frozen'],
    ['abandon', 'abandoned'],
    ['demote', 'backlog'],
  ] as const)('follows when the item leaves its stage by %s', async (type, kind) => {
    const world = new World({ script: endless })
    const { pipeline, runs } = world.start()
    world.story()
    await world.until(() => world.host.launches.length === 1)
    pipeline.apply(1, { type }, anna)
    await world.until(() => runs.active().length === 0)
    expect(world.livingOn(1)).toEqual([])
    expect(stageOf(world, 1).kind).toBe(kind)
  })

  it('follows when the item is deleted', async () => {
    const world = new World({ script: endless })
    const { pipeline, runs } = world.start()
    world.story()
    await world.until(() => world.host.launches.length === 1)
    pipeline.delete(1, anna)
    await world.until(() => runs.active().length === 0)
    expect(world.livingOn(1)).toEqual([])
  })

  it('calls the gates off when a person stops the item meanwhile', async () => {
    const world = new World({ gateMs: 600_000 })
    const { agents } = world.start()
    world.story()
    await world.until(() => world.gates.runs.length === 1)
    agents.stop(1, anna, 'never mind')
    await world.until(() => stageOf(world, 1).kind === 'blocked', 1_000)
    expect(stageOf(world, 1)).toMatchObject({ reason: 'Stopped by Anna: never mind' })
  })

  it('hands the item to the agent that a person names, one after the other', async () => {
    const world = new World({ script: endless })
    const { agents, runs } = world.start()
    world.story()
    await world.until(() => world.host.launches.length === 1)
    agents.assign(1, 'coder-2', anna)
    await world.until(() => world.host.launches.length === 2)
    expect(world.livingOn(1)).toEqual(['r2'])
    expect(runs.activeOf(1)).toMatchObject({ agent: 'coder-2', attempt: 2 })
    expect(stageOf(world, 1)).toEqual({ kind: 'coding', retries: 0 })
  })
})

describe('what people ask of the agents', () => {
  it('lists them with what they do', async () => {
    const world = new World({
      agents: [
        { name: 'ann', model: 'sonnet' },
        { name: 'ben', stage: 'qa' },
      ],
    })
    const { agents } = world.start()
    world.story()
    await world.until(() => world.host.launches.length === 1)
    expect(agents.list()).toMatchObject([
      { name: 'ann', role: 'coder', runtime: 'shell', model: 'sonnet', run: { item: 1 } },
      { name: 'ben', role: 'qa', runtime: 'shell' },
    ])
    expect(agents.list()[1]?.run).toBeUndefined()
  })

  it('shows the last lines of the newest run', async () => {
    const script: Script = (agent) => {
      agent.say(`${Array.from({ length: 30_000 }, (_, line) => `line ${line}`).join('\n')}\n`)
      agent.say('unfinished')
    }
    const world = new World({ script })
    const { agents } = world.start()
    world.story()
    expect(agents.log(1, 5)).toEqual([])
    await world.elapse(5_000)
    expect(agents.log(1, 3)).toEqual(['line 29998', 'line 29999', 'unfinished'])
  })

  it('refuses what is not there in one sentence', async () => {
    const world = new World({ agents: [{ name: 'ann' }, { name: 'quinn', stage: 'qa' }] })
    const { agents, pipeline } = world.start()
    const { id } = pipeline.create({ type: 'story', name: 'x' }, anna)
    expect(() => agents.stop(id, anna)).toThrow('No agent works on #1')
    expect(() => agents.release(id)).toThrow('No process of #1')
    expect(() => agents.assign(id, 'zoe', anna)).toThrow('choose one of ann, quinn')
    expect(() => agents.assign(id, 'quinn', anna)).toThrow('needs a coder')
    expect(() => agents.why(77)).toThrow('77')
  })

  it('starts an agent of stage other beside the one that has the item', async () => {
    const world = new World({
      agents: [{ name: 'ann' }, { name: 'helper', stage: 'other' }],
      script: endless,
    })
    const { agents, runs } = world.start()
    world.story()
    await world.until(() => world.host.launches.length === 1)
    agents.assign(1, 'helper', anna)
    await world.until(() => world.host.launches.length === 2)
    expect(world.livingOn(1)).toEqual(['r1', 'r2'])
    expect(runs.activeOf(1)?.agent).toBe('ann')
    expect(() => agents.assign(1, 'helper', anna)).toThrow('helper works on #1')
  })

  it('L02: ends all agents when the program is ended, and their items start again with it', async () => {
    const world = new World({ script: endless })
    const { agents, engine, runs } = world.start()
    world.story()
    world.story()
    await world.until(() => world.host.launches.length === 2)
    const stopping = engine.stop().then(() => agents.stopAll())
    await world.elapse(100)
    await stopping
    expect(world.host.alive()).toEqual([])
    expect(runs.active()).toEqual([])
    expect([stageOf(world, 1).kind, stageOf(world, 2).kind]).toEqual(['coding', 'coding'])
    world.crash()
    world.start()
    await world.until(() => world.host.launches.length === 4)
    expect(stageOf(world, 1)).toEqual({ kind: 'coding', retries: 0 })
  })
})
