import { type Clock, pause } from '../kernel/clock.ts'
import type { Belonging } from './belonging.ts'
import type { KillReport } from './process-host.ts'
import type { ProcessEntry, ProcessTable } from './process-table.ts'

/** How long each part of a kill may take, in milliseconds. */
export interface KillTimes {
  readonly graceMs: number
  readonly lastMs: number
}

/**
 * Ends everything that `look` finds: TERM, then KILL after `graceMs`, each also to what is forked
 * meanwhile, until nothing is found any more or `lastMs` more have passed.
 */
export async function killAll(
  look: () => Belonging,
  table: ProcessTable,
  clock: Clock,
  { graceMs, lastMs }: KillTimes,
): Promise<KillReport> {
  let left = await signalUntilGone('SIGTERM', graceMs, look, table, clock)
  if (left.members.length > 0) left = await signalUntilGone('SIGKILL', lastMs, look, table, clock)
  return {
    survivors: left.members.map(({ pid, name }) => ({ pid, name })),
    unverified: left.unverified,
  }
}

const firstWaitMs = 5
const longestWaitMs = 100

async function signalUntilGone(
  signal: NodeJS.Signals,
  forMs: number,
  look: () => Belonging,
  table: ProcessTable,
  clock: Clock,
): Promise<Belonging> {
  const end = clock.now() + forMs
  const signalled = new Set<string>()
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    let found = look()
    // A process that is born while the table is read, by one that then ends, is seen by neither.
    if (found.members.length === 0) found = look()
    if (found.members.length === 0 || clock.now() >= end) return found
    for (const member of found.members) {
      // Once each: some programs take a second TERM for impatience and skip their cleaning up.
      const key = `${member.pid} ${member.startTime}`
      if (!signalled.has(key)) send(signal, member, table)
      signalled.add(key)
    }
    await pause(clock, waitMs)
  }
}

/** Looks once more who it is, since a pid may have changed hands after the snapshot. */
function send(signal: NodeJS.Signals, { pid, startTime }: ProcessEntry, table: ProcessTable): void {
  if (table.find(pid)?.startTime !== startTime) return
  try {
    process.kill(pid, signal)
  } catch (error) {
    // It has just ended, or it is another user's by now and stays: the next look tells.
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}
