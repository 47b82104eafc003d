import { type Clock, pause } from '../kernel/clock.ts'
import type { KillReport } from './process-host.ts'
import type { ProcessTable } from './process-table.ts'
import type { Sighting } from './sightings.ts'

/** How long each part of a kill may take, in milliseconds. */
export interface KillTimes {
  readonly graceMs: number
  readonly lastMs: number
}

/**
 * Ends everything that `look` finds: TERM, then KILL after `graceMs`, each also to what is forked
 * meanwhile, until nothing is left or `lastMs` more have passed.
 */
export async function killAll(
  look: () => Sighting,
  table: Pick<ProcessTable, 'find'>,
  clock: Clock,
  { graceMs, lastMs }: KillTimes,
): Promise<KillReport> {
  const told = new Set<string>()
  let left = await untilGone(look, clock, graceMs, 100, ({ members }) => {
    for (const { pid, startTime } of members) {
      // Once each: some programs take a second TERM for impatience and skip their cleaning up.
      const key = `${pid} ${startTime}`
      if (!told.has(key)) signal(table, pid, startTime, 'SIGTERM')
      told.add(key)
    }
  })
  if (left.members.length > 0)
    left = await untilGone(look, clock, lastMs, 5, ({ members, groups }) => {
      // A group ends in one stroke, so that no member can be replaced by its child meanwhile.
      for (const group of groups) send(-group, 'SIGKILL')
      for (const { pid, startTime } of members) signal(table, pid, startTime, 'SIGKILL')
    })
  return {
    survivors: left.members.map(({ pid, name }) => ({ pid, name })),
    unverified: left.unverified,
  }
}

/**
 * So many looks in a row that find nothing are taken for proof where others start programs all the
 * time and no snapshot is ever whole. One look finds even a chain of processes that each live for
 * a millisecond in two of five cases (measured), so this many miss it once in 30 000.
 */
const emptyLooks = 20
const firstWaitMs = 5

async function untilGone(
  look: () => Sighting,
  clock: Clock,
  forMs: number,
  longestWaitMs: number,
  act: (found: Sighting) => void,
): Promise<Sighting> {
  const end = clock.now() + forMs
  let waitMs = firstWaitMs
  for (let empty = 0; ; ) {
    const found = look()
    if (found.members.length > 0) {
      if (clock.now() >= end) return found
      empty = 0
      act(found)
      await pause(clock, Math.min(waitMs, end - clock.now()))
      waitMs = Math.min(2 * waitMs, longestWaitMs)
    } else {
      empty += 1
      if (found.whole || empty === emptyLooks) return found
      await pause(clock, firstWaitMs)
    }
  }
}

/** Looks once more who it is, since a pid may have changed hands after the snapshot. */
function signal(
  table: Pick<ProcessTable, 'find'>,
  pid: number,
  startTime: number,
  name: NodeJS.Signals,
): void {
  if (table.find(pid)?.startTime === startTime) send(pid, name)
}

function send(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name)
  } catch (error) {
    // It has just ended, or it is another user's by now and stays: the next look tells.
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
