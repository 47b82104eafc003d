import type { Store } from '../../store/store.ts'

/** How often an item's agent ended with uncommitted work and no commit. */
export interface Recovery {
  /** Ends in a row without progress. */
  readonly idle: number
  /** All such ends. */
  readonly total: number
  /** Of the work as the last one left it. */
  readonly fingerprint: string
}

const mostIdle = 3
const mostRecoveries = 8

/**
 * Counts one more end with uncommitted work. Work that changed is progress; a run that was forced
 * to end (it crashed, or was ended for its silence) is no strike against the agent.
 */
export function countRecovery(
  last: Recovery | undefined,
  fingerprint: string,
  forced: boolean,
): Recovery {
  const total = (last?.total ?? 0) + 1
  if (!last || last.fingerprint !== fingerprint) return { idle: 1, total, fingerprint }
  return { idle: forced ? last.idle : last.idle + 1, total, fingerprint }
}

/** Why it is not told once more to commit; undefined while it is. */
export function recoveryExhausted({ idle, total }: Recovery): string | undefined {
  if (idle >= mostIdle)
    return `Its agent ended ${idle} times in a row with uncommitted work and no progress: commit the work in its worktree, or unblock it to try again.`
  if (total >= mostRecoveries)
    return `Its agent ended ${total} times with uncommitted work and never committed: commit the work in its worktree, or unblock it to try again.`
  return undefined
}

/** The counters of all items, durable. */
export class Recoveries {
  readonly #get
  readonly #set
  readonly #clear

  constructor({ db }: Store) {
    this.#get = db.prepare<[number], Recovery>(
      'SELECT idle, total, fingerprint FROM commit_recoveries WHERE item = ?',
    )
    this.#set = db.prepare<[number, number, number, string]>(
      `INSERT OR REPLACE INTO commit_recoveries (item, idle, total, fingerprint)
       VALUES (?, ?, ?, ?)`,
    )
    this.#clear = db.prepare<[number]>('DELETE FROM commit_recoveries WHERE item = ?')
  }

  /** Undefined unless the item's last judged run ended with uncommitted work and no commit. */
  of(item: number): Recovery | undefined {
    return this.#get.get(item)
  }

  set(item: number, { idle, total, fingerprint }: Recovery): void {
    this.#set.run(item, idle, total, fingerprint)
  }

  clear(item: number): void {
    this.#clear.run(item)
  }
}
