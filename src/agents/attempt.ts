import type { Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Run, Runs } from './run.ts'

/** The number of the item's next run: 1 for the first since it entered its stage. */
export function attemptOf(
  item: Item,
  pipeline: Pick<Pipeline, 'history'>,
  runs: Pick<Runs, 'of'>,
): number {
  const entered = pipeline
    .history(item.id)
    .findLast(({ from, to }) => to === item.stage.kind && from !== to)
  const since = entered?.at ?? item.created
  return 1 + runs.of(item.id).filter(({ startedAt }) => startedAt >= since).length
}

/** How many of an item's newest runs in a row died before they said anything. Newest first. */
export function silentDeaths(runs: readonly Run[]): number {
  let deaths = 0
  for (const run of runs) {
    if (!diedSilently(run)) break
    deaths += 1
    if (run.attempt === 1) break
  }
  return deaths
}

function diedSilently({ outcome, offset, stop }: Run): boolean {
  return outcome !== undefined && outcome.kind !== 'completed' && offset === 0 && !stop
}
