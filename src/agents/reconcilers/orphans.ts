import type { Log } from '../../kernel/log.ts'
import type { LookAgain, Reconciler } from '../../pipeline/reconcilers/reconciler.ts'
import type { KillReport, ProcessHost } from '../../processes/process-host.ts'
import { isDead, leftPids } from '../runs/death.ts'
import type { Runs } from '../runs/run.ts'

export interface OrphansParts {
  readonly host: ProcessHost
  readonly runs: Runs
  readonly log: Log
  /** Whether a gate or chat run of this id is under way in this very program. */
  readonly inUse: (run: string) => boolean
  /** Called when agents may start that could not before. */
  readonly cleared: () => void
}

const againMs = 5_000

/**
 * Ends what this installation started and has no record of any more: gates and chat runs of an
 * earlier start, and whatever should not be there. Until that is verified no agent may start.
 */
export class Orphans implements Reconciler {
  readonly name = 'orphans'
  readonly #parts: OrphansParts
  #waitingFor: string | undefined = 'processes of an earlier start are being looked for'

  constructor(parts: OrphansParts) {
    this.#parts = parts
  }

  /** Why no agent may start yet; undefined when nothing of an earlier start is left. */
  get waitingFor(): string | undefined {
    return this.#waitingFor
  }

  keys(): Iterable<string> {
    return ['all']
  }

  keysOf(): Iterable<string> {
    return []
  }

  async reconcile(): Promise<LookAgain | undefined> {
    const living = await this.#parts.host.living()
    const reports = await Promise.all(living.map((run) => this.#end(run)))
    const left = reports.flatMap((report) => (report ? leftPids(report) : []))
    const waited = this.#waitingFor !== undefined
    this.#waitingFor =
      left.length > 0
        ? `processes of an earlier start cannot be ended (pid ${left.join(', ')})`
        : undefined
    if (waited && left.length === 0) this.#parts.cleared()
    return left.length > 0 ? { afterMs: againMs } : undefined
  }

  /** What is left of an orphan that somebody has to wait for. */
  async #end(id: string): Promise<KillReport | undefined> {
    const { host, runs, log, inUse } = this.#parts
    const run = runs.get(id)
    if (inUse(id) || (run && run.state !== 'ended')) return undefined
    const report = await host.kill(id)
    if (isDead(report)) log.warn({ run: id }, 'ended processes that nobody has a record of')
    else log.error({ run: id, ...report }, 'processes that nobody has a record of cannot be ended')
    // A person has released these already: nobody waits for them.
    return isDead(report) || run?.survivors ? undefined : report
  }
}
