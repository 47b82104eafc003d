import type { Item, Priority } from '../pipeline/item.ts'
import type { AgentSettings } from '../pipeline/settings.ts'
import type { Stage } from '../pipeline/stage.ts'
import type { AgentRole, Run } from './run.ts'

/** What the pool has to know of a run that is not ended. */
export type Engagement = Pick<Run, 'item' | 'agent' | 'role' | 'state'>

/** What the choice of an agent depends on. */
export interface PoolState {
  readonly agents: readonly AgentSettings[]
  readonly maxCoders: number
  /** Why nobody starts at all now; undefined when agents may start. */
  readonly closed: string | undefined
  readonly active: readonly Engagement[]
  readonly hasWorktree: (item: number) => boolean
  /** Why there is no money left for this item; undefined while there is some. */
  readonly spentOn: (item: number) => string | undefined
}

/** An agent that may take the item now, or why none may. */
export type Choice =
  | { readonly kind: 'agent'; readonly agent: AgentSettings }
  | { readonly kind: 'none'; readonly reason: string }

export interface Assignment {
  readonly item: Item
  readonly agent: AgentSettings
}

/** Whether an agent of this role may work on an item in this stage. */
export function fits(role: AgentRole, stage: Stage): boolean {
  return role === 'other' || role === roleFor(stage)
}

/** The role that an item in this stage needs; undefined where no agent works. */
export function roleFor(stage: Stage): AgentRole | undefined {
  if (stage.kind === 'coding') return 'coder'
  if (stage.kind === 'qa') return 'qa'
  if (stage.kind === 'merge-failure' && stage.failure.kind === 'conflict') return 'mergemaster'
  return undefined
}

/**
 * All assignments that can be made now: the most urgent item first, then the lowest number, and no
 * item or agent twice. An item that gets none now is looked at again each time.
 */
export function plan(items: readonly Item[], state: PoolState): readonly Assignment[] {
  const active = [...state.active]
  const assignments: Assignment[] = []
  for (const item of [...items].sort(byUrgency)) {
    const choice = chooseAgent(item, { ...state, active })
    if (choice.kind === 'none') continue
    const { agent } = choice
    assignments.push({ item, agent })
    active.push({ item: item.id, agent: agent.name, role: agent.stage, state: 'claimed' })
  }
  return assignments
}

/** The agent for one item: the one that a person named, else the first free one of its stage. */
export function chooseAgent(item: Item, state: PoolState): Choice {
  const role = roleFor(item.stage)
  if (role === undefined) return none(`no agent works on an item in ${item.stage.kind}`)
  const own = state.active.find((run) => run.item === item.id && run.role !== 'other')
  if (own) return none(own.state === 'exited' ? 'its work is being judged' : `${own.agent} has it`)
  if (state.closed !== undefined) return none(state.closed)
  const spent = state.spentOn(item.id)
  if (spent !== undefined) return none(spent)
  if (!state.hasWorktree(item.id)) return none('its worktree is not ready yet')
  const able = state.agents.filter((agent) => agent.stage === role)
  const named = able.find((agent) => agent.name === item.agent)
  if (item.agent !== undefined && !state.agents.some(({ name }) => name === item.agent))
    return none(`its agent ${item.agent} is not in project.toml`)
  if (able.length === 0) return none(`no agent of stage ${role} is in project.toml`)
  const working = state.active.filter(isAtWork)
  const coders = working.filter((run) => run.role === 'coder').length
  if (role === 'coder' && coders >= state.maxCoders)
    return none(`as many coders are at work as max_coders allows (${state.maxCoders})`)
  const agent = (named ? [named] : able).find(({ name }) => !busy(name, working))
  return agent ? { kind: 'agent', agent } : none(waitingFor(named, working))
}

const urgency: { readonly [P in Priority]: number } = { high: 0, normal: 1, low: 2 }

function byUrgency(one: Item, other: Item): number {
  return urgency[one.priority] - urgency[other.priority] || one.id - other.id
}

function isAtWork({ state }: Engagement): boolean {
  return state === 'claimed' || state === 'running'
}

function busy(agent: string, working: readonly Engagement[]): Engagement | undefined {
  return working.find((run) => run.agent === agent)
}

function waitingFor(named: AgentSettings | undefined, working: readonly Engagement[]): string {
  const run = named && busy(named.name, working)
  return run ? `its agent ${run.agent} is busy with #${run.item}` : 'all agents are busy'
}

function none(reason: string): Choice {
  return { kind: 'none', reason }
}
