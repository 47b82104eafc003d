import type { Notices } from '../../kernel/notices.ts'
import { Problem } from '../../kernel/problem.ts'
import { branchOf, type Item } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { LookAgain, Reconciler } from '../../pipeline/reconcilers/reconciler.ts'
import type { Worktrees } from '../../pipeline/worktrees.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Ledger } from '../money/ledger.ts'
import type { OrderBook } from '../orders/order-book.ts'
import { fits } from '../pool.ts'
import type { Roster } from '../roster.ts'
import { isDead } from '../runs/death.ts'
import type { Run, StopIntent } from '../runs/run.ts'
import type { PrepareRunFolder } from '../runs/run-folder.ts'
import type { RunNotice } from '../runs/run-notice.ts'
import type { SqliteRuns } from '../runs/runs.ts'
import type { Orphans } from './orphans.ts'
import type { Supervise } from './supervise.ts'

export interface LaunchParts {
  readonly pipeline: Pipeline
  readonly runs: SqliteRuns
  readonly worktrees: Worktrees
  readonly host: ProcessHost
  readonly roster: Roster
  readonly orders: OrderBook
  readonly accounts: Accounts
  readonly ledger: Ledger
  readonly orphans: Orphans
  readonly supervise: Supervise
  readonly prepareRunFolder: PrepareRunFolder
  readonly notices: Notices<RunNotice>
  /** What every run's environment has beside what its runtime gives it. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Starts the process of each claimed run. A claim may be left from a start that a crash cut short at
 * any point, so each begins by ending whatever already carries the run's marker.
 */
export class Launch implements Reconciler {
  readonly name = 'launch'
  readonly #parts: LaunchParts

  constructor(parts: LaunchParts) {
    this.#parts = parts
  }

  keys(): Iterable<string> {
    const claimed = this.#parts.runs.active().filter(({ state }) => state === 'claimed')
    return claimed.map(({ id }) => id)
  }

  keysOf(item: number): Iterable<string> {
    const claimed = this.#parts.runs.active().filter(({ state }) => state === 'claimed')
    return claimed.flatMap((run) => (run.item === item ? [run.id] : []))
  }

  async reconcile(key: string): Promise<LookAgain | undefined> {
    const { runs, host, orphans, supervise } = this.#parts
    const run = runs.get(key)
    if (run?.state !== 'claimed') return undefined
    if (orphans.waitingFor !== undefined) return undefined
    const item = this.#itemFor(run)
    // It came to its end while this program was not there to see it.
    if (!item || host.exit(run.id)) return supervise.finish(run)
    if (!isDead(await host.kill(run.id))) return supervise.finish(run)
    host.discard(run.id)
    this.#discardOldOutput(run)
    return this.#start(run, item)
  }

  /** The item, as long as it still wants this run. */
  #itemFor(run: Run): Item | undefined {
    const item = this.#parts.pipeline.get(run.item)
    const wanted = item && !run.stop && fits(run.role, item.stage)
    return wanted ? item : undefined
  }

  async #start(run: Run, item: Item): Promise<LookAgain | undefined> {
    const { runs, worktrees, host, roster, orders, accounts, ledger, supervise, environment } =
      this.#parts
    try {
      const { path } = await worktrees.ensure(item.id, branchOf(item))
      this.#unlock(run)
      if (run.role === 'mergemaster') await worktrees.mergeBase(item.id)
      // That may have taken minutes, in which the claim was given up or the run was told to stop.
      const claimed = runs.get(run.id)
      if (claimed?.state !== 'claimed' || !this.#itemFor(claimed)) return supervise.finish(run)
      const held = accounts.holding(run)
      if (held !== undefined) return this.#stop(run, { reason: held, next: 'reassign' })
      const { runtime } = roster.get(run.agent)
      const order = orders.write(run, item, path)
      if (order.session !== undefined) ledger.begin(run, order.session)
      const launch = runtime.launch(
        order,
        this.#parts.prepareRunFolder(path, runtime.files?.(order) ?? []),
      )
      const env = { ...launch.env, ...environment }
      const identity = await host.start(run.id, { ...launch, env })
      const running = runs.running(run, identity)
      if (running) this.#parts.notices.tell({ type: 'started', run: running })
      // The claim was given up meanwhile, so that this process is nobody's.
      else await host.kill(run.id, identity)
      return undefined
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // It would be the same the next time: a person has to mend it first.
      return this.#stop(run, { reason: error.message, next: 'block' })
    }
  }

  /** Whoever was killed in the middle of a commit has left git's locks, and nobody could commit any more. */
  #unlock({ id, item }: Run): void {
    const { runs, worktrees } = this.#parts
    if (runs.active().some((other) => other.item === item && other.id !== id)) return
    const dead = runs
      .of(item)
      .flatMap(({ startedAt: from, endedAt: to, survivors }) =>
        to === undefined || survivors ? [] : [{ from, to }],
      )
    worktrees.unlock(item, dead)
  }

  #stop(run: Run, intent: Omit<StopIntent, 'by'>): Promise<LookAgain | undefined> {
    const { runs, supervise } = this.#parts
    runs.stop(run, { ...intent, by: this.name })
    return supervise.finish(run)
  }

  /**
   * The item's newest run can still be read; those before it have made room. Of one that was given
   * free with living processes everything stays, because they are found by it.
   */
  #discardOldOutput({ item }: Run): void {
    const [, ...older] = this.#parts.runs.of(item).filter(({ state }) => state === 'ended')
    for (const { id, survivors } of older) if (!survivors) this.#parts.host.discard(id)
  }
}
