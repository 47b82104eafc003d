import { performance } from 'node:perf_hooks'
import { temporaryFolder } from '../folder.ts'
import { huskies } from './huskies.ts'
import { bors, limit, type Queue, serial } from './peers.ts'
import { type Load, Workplace } from './workplace.ts'

/** Who merges. */
export type Way = 'limit' | 'huskies' | 'train' | 'serial' | 'bors'

export interface MergeInput {
  readonly way: Way
  readonly batch: number
  readonly load: Load
}

export interface MergeResult {
  readonly ms: number
  readonly landed: number
  /** Commits on the base branch whose tree the gates have never passed. */
  readonly wrongTrees: number
  readonly gatesBegun: number
  readonly gatesEnded: number
  /** How long the last of them waited that landed; all are there from the beginning. */
  readonly longestWaitMs: number
}

/** Has one queue empty itself once. */
export async function measure({ way, batch, load }: MergeInput): Promise<MergeResult> {
  using folder = temporaryFolder('merge')
  const place = new Workplace(folder.path, load)
  await place.prepare()
  const stories = Array.from({ length: load.stories }, (_, index) => index + 1)
  const empty = await queueOf(way, batch)(place, stories)
  const start = performance.now()
  let longestWaitMs = 0
  await empty(() => {
    longestWaitMs = performance.now() - start
  })
  const ms = performance.now() - start
  const { gatesBegun, gatesEnded } = place
  return { ms, longestWaitMs, gatesBegun, gatesEnded, ...(await place.landed()) }
}

function queueOf(way: Way, batch: number): Queue {
  switch (way) {
    case 'limit':
      return limit
    case 'huskies':
      return huskies(1)
    case 'train':
      return huskies(batch)
    case 'serial':
      return serial
    case 'bors':
      return bors(batch)
  }
}
