import type { Item, Priority } from '../pipeline/item.ts'
import type { AgentSettings } from '../pipeline/settings.ts'
import type { Stage } from '../pipeline/stage.ts'
import type { AccountChoice } from './accounts/accounts.ts'
import type { Postponement } from './runs/postponements.ts'
import type { AgentRole, Run } from './runs/run.ts'

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
  /** Coders of another model start only where a person names them. */
  readonly defaultModel: string
  /** The account that would pay the agent; `probing` are about to be tried by others. */
  readonly account: (agent: AgentSettings, probing: ReadonlySet<string>) => AccountChoice
  /** What the item waits for by itself before any agent may take it. */
  readonly postponed: (item: number) => Postponement | undefined
  /** Who worked on the item last, and may go on from there. */
  readonly lastAgent: (item: number) => string | undefined
}

/** An agent that may take the item now, or why none may. */
export type Choice =
  | {
      readonly kind: 'agent'
      readonly agent: AgentSettings
      readonly account: Extract<AccountChoice, { kind: 'account' }>
    }
  | {
      readonly kind: 'none'
      readonly reason: string
      /** It waits for a limit or an overloaded service, not for an agent. */
      readonly parked?: true
    }

export interface Assignment {
  readonly item: Item
  readonly agent: AgentSettings
  readonly account: string
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
  const probing = new Set<string>()
  const assignments: Assignment[] = []
  for (const item of [...items].sort(byUrgency)) {
    const choice = chooseAgent(item, { ...state, active }, probing)
    if (choice.kind === 'none') continue
    const { agent, account } = choice
    assignments.push({ item, agent, account: account.account })
    if (account.probes) probing.add(account.account)
    active.push({ item: item.id, agent: agent.name, role: agent.stage, state: 'claimed' })
  }
  return assignments
}

/**
 * The agent for one item: the one that a person named, else the one that worked on it last, if it is
 * free, else the first free one of its stage. Its account must be usable: `probing` are those that
 * other choices of this moment are about to try.
 */
export function chooseAgent(
  item: Item,
  state: PoolState,
  probing: ReadonlySet<string> = new Set(),
): Choice {
  const obstacle = obstacleTo(item, state)
  if (obstacle !== undefined) return none(obstacle)
  const able = ableFor(item, state)
  if (typeof able === 'string') return none(able)
  const working = state.active.filter(isAtWork)
  const coders = working.filter((run) => run.role === 'coder').length
  if (roleFor(item.stage) === 'coder' && coders >= state.maxCoders)
    return none(`as many coders are at work as max_coders allows (${state.maxCoders})`)
  const postponed = state.postponed(item.id)
  if (postponed) return { ...none(postponed.reason), parked: true }
  const free = able.filter(({ name }) => !busy(name, working))
  if (free.length === 0) return none(waitingFor(able, item, working))
  return withAccount(
    free.length > 1 ? lastFirst(free, state.lastAgent(item.id)) : free,
    state,
    probing,
  )
}

/** What keeps every agent from the item now. */
function obstacleTo({ id, stage }: Item, state: PoolState): string | undefined {
  if (roleFor(stage) === undefined) return `no agent works on an item in ${stage.kind}`
  const own = state.active.find((run) => run.item === id && run.role !== 'other')
  if (own) return own.state === 'exited' ? 'its work is being judged' : `${own.agent} has it`
  if (state.closed !== undefined) return state.closed
  return state.hasWorktree(id) ? state.spentOn(id) : 'its worktree is not ready yet'
}

/** The agents that may take the item at all, or why there are none. */
function ableFor(
  item: Item,
  { agents, defaultModel }: PoolState,
): readonly AgentSettings[] | string {
  const role = roleFor(item.stage)
  if (item.agent !== undefined && !agents.some(({ name }) => name === item.agent))
    return `its agent ${item.agent} is not in project.toml`
  const able = agents.filter(({ stage }) => stage === role)
  if (able.length === 0) return `no agent of stage ${role} is in project.toml`
  const named = able.filter(({ name }) => name === item.agent)
  if (named.length > 0) return named
  const eager = able.filter((agent) => startsByItself(agent, defaultModel))
  if (eager.length > 0) return eager
  const names = able.map(({ name }) => name).join(', ')
  return `coders of another model than default_coder_model (${defaultModel}) start only by name (${names})`
}

function startsByItself({ stage, model }: AgentSettings, defaultModel: string): boolean {
  return stage !== 'coder' || model === undefined || model === defaultModel
}

function lastFirst(agents: readonly AgentSettings[], last: string | undefined) {
  return [
    ...agents.filter(({ name }) => name === last),
    ...agents.filter(({ name }) => name !== last),
  ]
}

/** The first of the agents whose account can be used now. */
function withAccount(
  agents: readonly AgentSettings[],
  state: PoolState,
  probing: ReadonlySet<string>,
): Choice {
  const reasons: string[] = []
  for (const agent of agents) {
    const account = state.account(agent, probing)
    if (account.kind === 'account') return { kind: 'agent', agent, account }
    reasons.push(account.reason)
  }
  return { ...none([...new Set(reasons)].join(', and ')), parked: true }
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

function waitingFor(
  able: readonly AgentSettings[],
  { agent }: Item,
  working: readonly Engagement[],
): string {
  const named = able.find(({ name }) => name === agent)
  const run = named && busy(named.name, working)
  return run ? `its agent ${run.agent} is busy with #${run.item}` : 'all agents are busy'
}

function none(reason: string): Extract<Choice, { kind: 'none' }> {
  return { kind: 'none', reason }
}
