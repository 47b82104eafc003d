import type { Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { AgentSettings } from '../pipeline/settings.ts'
import type { StageKind } from '../pipeline/stage.ts'
import type { Roster } from './roster.ts'
import type { Run } from './runs/run.ts'
import type { SqliteRuns } from './runs/runs.ts'

export interface UnfinishedHelpParts {
  readonly runs: Pick<SqliteRuns, 'latestHelpOf'>
  readonly roster: Roster
  readonly pipeline: Pick<Pipeline, 'get'>
}

/** What an agent was kept from. */
export interface UnfinishedHelp {
  readonly item: Item
  readonly agent: AgentSettings
  /** The run that met the limit. */
  readonly run: Run
}

const closed: ReadonlySet<StageKind> = new Set<StageKind>([
  'done',
  'archived',
  'abandoned',
  'superseded',
  'rejected',
])

/**
 * What agents of stage `other` were kept from by a limit of their account. They start only by name, but
 * were named for this already: they go on by themselves, unless the item was closed meanwhile, or
 * somebody has called them off.
 */
export function unfinishedHelp({
  runs,
  roster,
  pipeline,
}: UnfinishedHelpParts): readonly UnfinishedHelp[] {
  return roster.settings.flatMap((agent) => {
    const last = agent.stage === 'other' ? runs.latestHelpOf(agent.name) : undefined
    const item = last && isKept(last) ? pipeline.get(last.item) : undefined
    return last && item && !closed.has(item.stage.kind) ? [{ item, agent, run: last }] : []
  })
}

function isKept({ state, outcome, stop }: Run): boolean {
  const isCalledOff = stop !== undefined && stop.next !== 'judge'
  const isRefused = outcome?.kind === 'limited' || outcome?.kind === 'refused'
  return state === 'ended' && isRefused && !isCalledOff
}
