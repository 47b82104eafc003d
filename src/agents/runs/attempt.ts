import type { Item } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { noAccount } from '../accounts/account-key.ts'
import type { Outcome } from '../runtime.ts'
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

/** How many of an item's newest runs in a row died before they got to work. Newest first. */
export function silentDeaths(runs: readonly Run[]): number {
  let deaths = 0
  for (const run of runs) {
    if (!diedSilently(run)) break
    deaths += 1
    if (run.attempt === 1) break
  }
  return deaths
}

/** It said nothing at all; or nothing but why, where a session comes before all work. */
function diedSilently({ outcome, offset, stop, account, session }: Run): boolean {
  if (stop || (outcome?.kind !== 'failed' && outcome?.kind !== 'interrupted')) return false
  return offset === 0 || (account !== noAccount && session === undefined)
}

/**
 * How many of an item's newest runs in a row ended as the last one did, that one included. Newest
 * first; those that were called off do not count, and interrupt nothing.
 */
export function alikeInARow(runs: readonly Run[]): number {
  let count = 0
  let kind: Outcome['kind'] | undefined
  for (const { outcome, stop, attempt } of runs) {
    const calledOff = stop !== undefined && stop.next !== 'judge'
    if (!calledOff) {
      kind ??= outcome?.kind
      if (outcome?.kind !== kind) break
      count += 1
    }
    if (attempt === 1) break
  }
  return count
}
