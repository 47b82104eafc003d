import type { ProcessEntry } from './process-table.ts'

/** What a scan saw of a run, for the next scan: it finds what has dropped its marker since. */
export interface Memory {
  /** When the first process of the run started, as far as was ever seen. */
  readonly born?: number
  readonly members: readonly { readonly pid: number; readonly startTime: number }[]
  /** Sessions that the run made. */
  readonly sessions: readonly number[]
}

/** Nothing was ever seen. */
export const noMemory: Memory = { members: [], sessions: [] }

/** What belongs to a run at one moment. */
export interface Belonging {
  readonly members: readonly ProcessEntry[]
  /** Process groups that hold members only: a signal to one reaches also what is just being born. */
  readonly groups: readonly number[]
  /** What may belong to it: not to be signalled, and not to be forgotten. */
  readonly unverified: readonly number[]
  readonly memory: Memory
}

/**
 * Decides which processes belong to a run: those that carry its marker, were members at the last
 * scan, descend from a member, or are in a session that a member made. A session counts as made by
 * the run only if its maker is a member, or is gone and left members in it.
 *
 * Never `self`, nor what shares its session, nor pid 1. Descent is not followed through those.
 * The memory that it returns holds only what still lives: a pid that is used again is a stranger.
 */
export function belonging(
  snapshot: readonly ProcessEntry[],
  run: string,
  memory: Memory,
  self: number,
): Belonging {
  const living = new Map(snapshot.map((entry) => [entry.pid, entry]))
  const ownSession = living.get(self)?.session ?? 0
  const candidates = snapshot.filter(
    ({ pid, session }) => pid !== 1 && pid !== self && (session === 0 || session !== ownSession),
  )
  const remembered = new Map(memory.members.map(({ pid, startTime }) => [pid, startTime]))
  const sessions = new Set(memory.sessions)
  const members = new Map<number, ProcessEntry>()

  const isOurs = (session: number) =>
    session > 1 && (living.has(session) ? members.has(session) : sessions.has(session))
  const belongs = ({ pid, parent, session, startTime, runs }: ProcessEntry) =>
    runs.includes(run) ||
    remembered.get(pid) === startTime ||
    members.has(parent) ||
    isOurs(session)

  // Each found member can make others belong, parents may come after their children.
  for (let before = -1; before < members.size; ) {
    before = members.size
    for (const entry of candidates) {
      if (members.has(entry.pid) || !belongs(entry)) continue
      members.set(entry.pid, entry)
      sessions.add(entry.session)
    }
  }

  const found = [...members.values()]
  const born = Math.min(memory.born ?? Infinity, ...found.map((entry) => entry.startTime))
  const mayBelong = ({ pid, session, startTime, hidden }: ProcessEntry) => {
    if (!hidden || members.has(pid) || startTime < born) return false
    // All of a session descend from its maker: one that is known and not ours clears them.
    const maker = living.get(session)
    return maker === undefined || maker.hidden
  }
  return {
    members: found,
    groups: [
      ...new Set(found.filter((entry) => isOurs(entry.session)).map((entry) => entry.group)),
    ],
    unverified: candidates.filter(mayBelong).map((entry) => entry.pid),
    memory: {
      ...(Number.isFinite(born) && { born }),
      members: found.map(({ pid, startTime }) => ({ pid, startTime })),
      sessions: [...new Set(found.map((entry) => entry.session))].filter(isOurs),
    },
  }
}
