import fc from 'fast-check'
import { expect, it } from 'vitest'
import { chooseAgent, type Engagement, type PoolState, plan } from '../../src/agents/pool.ts'
import type { AgentRole } from '../../src/agents/runs/run.ts'
import type { Item, Priority } from '../../src/pipeline/item.ts'
import { projectSettings } from '../../src/pipeline/settings.ts'
import type { Stage } from '../../src/pipeline/stage.ts'

const work = { branch: 'feature/item-1', ahead: 1 }
const coding: Stage = { kind: 'coding', retries: 0 }
const qa: Stage = { kind: 'qa', retries: 0, work }
const conflict: Stage = {
  kind: 'merge-failure',
  failure: { kind: 'conflict', detail: 'a.txt' },
  attempts: 1,
  work,
}

function itemOf(id: number, more: Partial<Item> = {}): Item {
  return {
    id,
    type: 'story',
    name: `Item ${id}`,
    body: '',
    criteria: [],
    stage: coding,
    priority: 'normal',
    dependsOn: [],
    origin: { kind: 'person', id: 'terminal:anna' },
    generation: 1,
    returns: 0,
    created: 0,
    updated: 0,
    ...more,
  }
}

const { agent: agents } = projectSettings.parse({
  agent: [
    { name: 'ann' },
    { name: 'ben' },
    { name: 'checker', stage: 'qa' },
    { name: 'merger', stage: 'mergemaster' },
    { name: 'helper', stage: 'other' },
  ],
})

function stateOf(more: Partial<PoolState> = {}): PoolState {
  return {
    agents,
    maxCoders: 3,
    closed: undefined,
    active: [],
    hasWorktree: () => true,
    defaultModel: 'sonnet',
    account: () => ({ kind: 'account', account: 'shell', probes: false }),
    postponed: () => undefined,
    lastAgent: () => undefined,
    spentOn: () => undefined,
    ...more,
  }
}

function at(item: number, agent: string, more: Partial<Engagement> = {}): Engagement {
  return { item, agent, role: 'coder', state: 'running', ...more }
}

function chosen(item: Item, state: PoolState): string {
  const choice = chooseAgent(item, state)
  return choice.kind === 'agent' ? choice.agent.name : `none: ${choice.reason}`
}

it('takes the first free agent of the stage that the item is in', () => {
  expect(chosen(itemOf(1), stateOf())).toBe('ann')
  expect(chosen(itemOf(1), stateOf({ active: [at(2, 'ann')] }))).toBe('ben')
  expect(chosen(itemOf(1, { stage: qa }), stateOf())).toBe('checker')
  expect(chosen(itemOf(1, { stage: conflict }), stateOf())).toBe('merger')
})

it.each<[Stage]>([
  [{ kind: 'backlog' }],
  [{ kind: 'blocked', reason: 'x', resumeTo: coding }],
  [{ kind: 'review-hold', reason: 'x', resumeTo: qa }],
  [{ kind: 'merge', work, retries: 0, since: 0 }],
  [{ kind: 'merge-failure-final', failure: { kind: 'conflict', detail: 'x' }, work }],
  [{ kind: 'merge-failure', failure: { kind: 'no-commits' }, attempts: 1, work }],
  [{ kind: 'done', at: 0 }],
  [{ kind: 'frozen', resumeTo: coding }],
])('L06: starts nobody on an item in %j', (stage) => {
  expect(chosen(itemOf(1, { stage }), stateOf())).toBe(
    `none: no agent works on an item in ${stage.kind}`,
  )
})

it('L03: refuses an item that a run has, whatever the role of either', () => {
  for (const role of ['coder', 'qa', 'mergemaster'] satisfies AgentRole[]) {
    const active = [at(1, 'somebody', { role })]
    expect(chosen(itemOf(1, { stage: qa }), stateOf({ active }))).toBe('none: somebody has it')
  }
  const judged = [at(1, 'ann', { state: 'exited' })]
  expect(chosen(itemOf(1), stateOf({ active: judged }))).toBe('none: its work is being judged')
})

it('does not mind an agent of stage other on the item', () => {
  const active = [at(1, 'helper', { role: 'other' })]
  expect(chosen(itemOf(1), stateOf({ active }))).toBe('ann')
})

it('waits for the agent that a person named, and for no other', () => {
  const item = itemOf(1, { agent: 'ben' })
  expect(chosen(item, stateOf())).toBe('ben')
  expect(chosen(item, stateOf({ active: [at(2, 'ben')] }))).toBe(
    'none: its agent ben is busy with #2',
  )
  expect(chosen(itemOf(1, { agent: 'zoe' }), stateOf())).toBe(
    'none: its agent zoe is not in project.toml',
  )
})

it('takes any agent of the stage where the named one is of another', () => {
  expect(chosen(itemOf(1, { stage: qa, agent: 'ben' }), stateOf())).toBe('checker')
})

it('says why nobody starts', () => {
  const item = itemOf(1)
  expect(chosen(item, stateOf({ closed: 'the pipeline is paused' }))).toBe(
    'none: the pipeline is paused',
  )
  expect(chosen(item, stateOf({ hasWorktree: () => false }))).toBe(
    'none: its worktree is not ready yet',
  )
  expect(chosen(item, stateOf({ agents: [] }))).toBe(
    'none: no agent of stage coder is in project.toml',
  )
  expect(chosen(item, stateOf({ active: [at(2, 'ann'), at(3, 'ben')] }))).toBe(
    'none: all agents are busy',
  )
  expect(chosen(item, stateOf({ maxCoders: 1, active: [at(2, 'ann')] }))).toBe(
    'none: as many coders are at work as max_coders allows (1)',
  )
})

it('does not count coders whose work is being judged', () => {
  const active = [at(2, 'ann', { state: 'exited' })]
  expect(chosen(itemOf(1), stateOf({ maxCoders: 1, active }))).toBe('ann')
})

it('serves the most urgent item first, then the lowest number', () => {
  const items = [
    itemOf(1, { priority: 'low' }),
    itemOf(2),
    itemOf(3, { priority: 'high' }),
    itemOf(4),
  ]
  const made = plan(items, stateOf()).map(({ item, agent }) => `${item.id} ${agent.name}`)
  expect(made).toEqual(['3 ann', '2 ben'])
})

it('L07: an item that found all agents busy is served as soon as one is free', () => {
  const items = [itemOf(1), itemOf(2), itemOf(3)]
  const active = [at(1, 'ann'), at(2, 'ben')]
  expect(plan(items, stateOf({ active }))).toEqual([])
  const [later, ...none] = plan(items.slice(1), stateOf({ active: [at(2, 'ben')] }))
  expect([later?.item.id, later?.agent.name, none]).toEqual([3, 'ann', []])
})

it('never plans an item or an agent twice, nor more coders than allowed', () => {
  const anyItem = fc.record({
    id: fc.integer({ min: 1, max: 30 }),
    priority: fc.constantFrom<Priority>('low', 'normal', 'high'),
    stage: fc.constantFrom<Stage>(coding, qa, conflict),
    agent: fc.option(fc.constantFrom('ann', 'ben', 'zoe'), { nil: undefined }),
  })
  const items = fc.uniqueArray(anyItem, { selector: ({ id }) => id })
  fc.assert(
    fc.property(items, fc.integer({ min: 1, max: 3 }), (drafts, maxCoders) => {
      const all = drafts.map(({ agent, ...draft }) =>
        itemOf(draft.id, { ...draft, ...(agent && { agent }) }),
      )
      const made = plan(all, stateOf({ maxCoders }))
      expect(new Set(made.map(({ item }) => item.id)).size).toBe(made.length)
      expect(new Set(made.map(({ agent }) => agent.name)).size).toBe(made.length)
      expect(made.filter(({ agent }) => agent.stage === 'coder').length).toBeLessThanOrEqual(
        maxCoders,
      )
    }),
  )
})

const { agent: choosy } = projectSettings.parse({
  agent: [
    { name: 'opus', runtime: 'claude-code', model: 'opus' },
    { name: 'ann', runtime: 'claude-code' },
    { name: 'ben', runtime: 'codex' },
  ],
})

it('starts a coder of another model than the default one only where a person names it', () => {
  const state = stateOf({ agents: choosy })
  expect(chosen(itemOf(1), state)).toBe('ann')
  expect(chosen(itemOf(1, { agent: 'opus' }), state)).toBe('opus')
  expect(chosen(itemOf(1), { ...state, agents: choosy.slice(0, 1) })).toBe(
    'none: coders of another model than default_coder_model (sonnet) start only by name (opus)',
  )
  expect(chosen(itemOf(1), { ...state, defaultModel: 'opus' })).toBe('opus')
})

it('has an item go on with its last agent where that is free', () => {
  const state = stateOf({ agents: choosy, lastAgent: () => 'ben' })
  expect(chosen(itemOf(1), state)).toBe('ben')
  expect(chosen(itemOf(1), { ...state, active: [at(2, 'ben')] })).toBe('ann')
})

it('passes over agents whose account is parked, and says why where none is left', () => {
  const parked = { kind: 'none', reason: 'the login of claude-code is at its limit' } as const
  const account: PoolState['account'] = ({ runtime }) =>
    runtime === 'codex' ? { kind: 'account', account: runtime, probes: false } : parked
  const state = stateOf({ agents: choosy, account })
  expect(chosen(itemOf(1), state)).toBe('ben')
  expect(chooseAgent(itemOf(1), { ...state, active: [at(2, 'ben')] })).toEqual({
    ...{ kind: 'none', parked: true },
    reason: 'the login of claude-code is at its limit',
  })
})

it('has one item of all try a parked account', () => {
  const account: PoolState['account'] = ({ runtime }, probing) =>
    probing.has(runtime)
      ? { kind: 'none', reason: 'one run tries it' }
      : { kind: 'account', account: runtime, probes: true }
  const { agent: alike } = projectSettings.parse({ agent: [{ name: 'one' }, { name: 'two' }] })
  const state = stateOf({ agents: alike, account })
  const items = [itemOf(1), itemOf(2), itemOf(3, { priority: 'high' })]
  expect(plan(items, state).map(({ item }) => item.id)).toEqual([3])
})

it('waits where the service of the item was overloaded', () => {
  const postponed = () => ({ until: 1, reason: 'the service was overloaded' })
  expect(chosen(itemOf(1), stateOf({ postponed }))).toBe('none: the service was overloaded')
})
