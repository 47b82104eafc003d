import { type Clock, pause } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Store } from '../store/store.ts'

/** The part of the store that the bot writes through. */
export type Transactions = Pick<Store, 'commit' | 'commitUnguarded' | 'transaction' | 'afterCommit'>

const retryMs = 5000

/** What `persist` needs from whoever calls it. */
export interface Persistence {
  readonly store: Transactions
  readonly clock: Clock
  readonly log: Log
}

/**
 * Commits what must not be lost: while the disk does not take it, it is tried again every five
 * seconds, and the log says why. Rejects only once `signal` is aborted.
 */
export async function persist<T>(
  parts: Persistence,
  signal: AbortSignal,
  work: () => T,
): Promise<T> {
  for (;;) {
    try {
      return await parts.store.commit(work)
    } catch (error) {
      await waitForDisk(parts, signal, error)
    }
  }
}

/** Waits until a commit that failed is worth another try; throws its error once `signal` is aborted. */
export async function waitForDisk(
  { clock, log }: Persistence,
  signal: AbortSignal,
  error: unknown,
): Promise<void> {
  log.error({ err: error }, 'The database did not take a change; it is tried again.')
  if (signal.aborted) throw error
  await pause(clock, retryMs, signal)
}
