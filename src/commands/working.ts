import type { Working } from '../pipeline/board.ts'
import type { Item } from '../pipeline/item.ts'
import type { Services } from './services.ts'

/** What works on each item now, by its number: an agent, or the merge queue. */
export function workingOn(
  services: Pick<Services, 'pipeline' | 'agents' | 'runs' | 'mergeQueue' | 'uncommitted'>,
) {
  const { pipeline, agents, runs } = services
  const known = new Map(agents.list().map((agent) => [agent.name, agent]))
  const working = new Map<number, Working>()
  for (const { id } of pipeline.inStage('merge').filter((item) => isMerging(services, item)))
    working.set(id, { state: 'running' })
  for (const [id, reason] of agents.parked) working.set(id, { state: 'throttled', reason })
  for (const { item, agent, role } of runs.active()) {
    // Whoever helps beside the item's own agent is not shown in its place.
    if (role === 'other' && working.has(item)) continue
    const { model, throttledUntil } = known.get(agent) ?? {}
    const state = throttledUntil === undefined ? 'running' : 'throttled'
    const uncommitted = services.uncommitted.of(item)
    working.set(item, {
      agent,
      state,
      ...(model && { model }),
      ...(uncommitted && { uncommitted }),
    })
  }
  return working
}

/** Whether the merge queue has taken the item up: then that is the last thing that happened to it. */
export function isMerging(
  { pipeline, mergeQueue }: Pick<Services, 'pipeline' | 'mergeQueue'>,
  { id, stage }: Item,
): boolean {
  if (stage.kind !== 'merge' || mergeQueue.waiting(id)) return false
  const last = pipeline.history(id).findLast(({ event }) => event !== 'edit')
  return last?.event === 'merge-started'
}
