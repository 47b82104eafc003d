import type { ChatRetention } from '../../bot/retention.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { LookAgain, Reconciler } from '../../pipeline/reconcilers/reconciler.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import type { Store } from '../../store/store.ts'
import type { SqliteRuns } from '../runs/runs.ts'

export interface RetentionParts {
  readonly store: Store
  readonly runs: SqliteRuns
  readonly chat: ChatRetention
  /** Removes the files that people sent before that time, where nothing names them; returns how many. */
  readonly forgetFiles?: (before: number) => number
  readonly host: ProcessHost
  /** The ids of all runs that have files. */
  readonly storedRuns: () => readonly string[]
  /** Whether a gate or chat run of this id is under way in this very program. */
  readonly inUse: (run: string) => boolean
  readonly clock: Clock
  readonly log: Log
  /** How long what was said and printed is kept. */
  readonly keepMs: number
}

const everyMs = 3_600_000
/** So much is forgotten before somebody else gets a turn. */
const mostMessages = 500
const mostRuns = 20
const pauseMs = 10

/**
 * Forgets what is old, once an hour: the texts and files of the chat, and what ended runs have
 * printed. What a gate or chat run of an earlier start has left is nobody's any more, and goes at once.
 */
export class Retention implements Reconciler {
  readonly name = 'retention'
  readonly #parts: RetentionParts
  #due = 0

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  keys(): Iterable<string> {
    return this.#parts.clock.now() >= this.#due ? ['all'] : []
  }

  keysOf(): Iterable<string> {
    return []
  }

  async reconcile(): Promise<LookAgain | undefined> {
    const { store, chat, forgetFiles, host, clock, log, keepMs } = this.#parts
    const before = clock.now() - keepMs
    const texts = store.transaction(() => chat.forget(before, mostMessages))
    const files = forgetFiles?.(before) ?? 0
    const old = this.#discardable(before)
    // Whatever still lives is found and ended by what lies there.
    const living = old.length > 0 ? await host.living() : []
    const runs = old.filter((run) => !living.includes(run)).slice(0, mostRuns)
    for (const run of runs) host.discard(run)
    if (texts + files + runs.length > 0) {
      log.info({ texts, files, runs: runs.length }, 'forgot what is old')
      return { afterMs: pauseMs }
    }
    this.#due = clock.now() + everyMs
    return undefined
  }

  #discardable(before: number): string[] {
    const { runs, storedRuns, inUse } = this.#parts
    return storedRuns().filter((id) => {
      const run = runs.get(id)
      if (!run) return !inUse(id)
      return run.state === 'ended' && (run.endedAt ?? 0) < before
    })
  }
}
