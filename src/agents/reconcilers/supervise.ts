import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Notices } from '../../kernel/notices.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { LookAgain, Reconciler } from '../../pipeline/reconcilers/reconciler.ts'
import { type KillReport, largestOutput, type ProcessHost } from '../../processes/process-host.ts'
import type { Store } from '../../store/store.ts'
import type { AccountWatch } from '../accounts/account-watch.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Allowance } from '../money/allowance.ts'
import type { Ledger } from '../money/ledger.ts'
import type { PriceOf } from '../money/prices.ts'
import { fits } from '../pool.ts'
import type { Roster } from '../roster.ts'
import { isDead, leftPids } from '../runs/death.ts'
import type { Run, StopIntent } from '../runs/run.ts'
import type { RunNotice } from '../runs/run-notice.ts'
import { RunOutput } from '../runs/run-output.ts'
import type { SqliteRuns } from '../runs/runs.ts'
import type { AgentEvent, Outcome } from '../runtime.ts'
import { RunWatch } from '../watch/run-watch.ts'

export interface SuperviseParts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly runs: SqliteRuns
  readonly host: ProcessHost
  readonly roster: Roster
  readonly accounts: Accounts
  readonly accountWatch: AccountWatch
  readonly notices: Notices<RunNotice>
  readonly ledger: Ledger
  readonly allowance: Allowance
  readonly priceOf: PriceOf
  /** Whether a run waits for one of our own tools. */
  readonly isWaiting: (run: string) => boolean
  readonly clock: Clock
  readonly log: Log
}

/** A busy run is looked at often, a quiet one less: an exit is noticed within these times. */
const shortestLookMs = 25
const longestLookMs = 250
/** More than this does not count as silence between two looks: the clock was set, or we slept. */
const longestSilenceMs = 1_000
/** How often at most the offset of a run that talks is stored, the first time apart. */
const storeEveryMs = 1_000
const killAgainMs = 30_000
/** How many pieces of a dead run's output are read before somebody else gets a turn. */
const mostPieces = 16

interface Watch {
  readonly output: RunOutput
  readonly limits: RunWatch
  /** How long the run has said nothing, when it was looked at last, and how long before that. */
  silentMs: number
  sinceMs: number
  lookedAt: number
  storedAt: number
}

/**
 * Watches each run that has a process: reads what it says, ends it when it must not go on, and
 * counts it as exited only when its whole process tree is verified gone. Life is told by process and
 * output alone; a run of an earlier start of this program is watched like any other.
 */
export class Supervise implements Reconciler {
  readonly name = 'supervise'
  readonly #parts: SuperviseParts
  readonly #watches = new Map<string, Watch>()

  constructor(parts: SuperviseParts) {
    this.#parts = parts
  }

  keys(): Iterable<string> {
    const running = this.#parts.runs.active().filter(({ state }) => state === 'running')
    return running.map(({ id }) => id)
  }

  keysOf(item: number): Iterable<string> {
    const running = this.#parts.runs.active().filter(({ state }) => state === 'running')
    return running.flatMap((run) => (run.item === item ? [run.id] : []))
  }

  async reconcile(key: string): Promise<LookAgain | undefined> {
    const { runs, host } = this.#parts
    const run = runs.get(key)
    if (run?.state !== 'running') {
      this.#watches.delete(key)
      return undefined
    }
    const watch = this.#watch(run)
    this.#listen(run, watch)
    const stop = runs.get(key)?.stop ?? this.#stopIfNeeded(run, watch)
    const alive = run.identity && host.isAlive(run.identity) && !host.exit(key)
    if (stop || !alive || watch.limits.isOverdue) return this.finish(run)
    const { silentMs } = watch
    return { afterMs: Math.min(longestLookMs, Math.max(shortestLookMs, Math.round(silentMs / 20))) }
  }

  /**
   * Ends what is left of the run, also after its program ended by itself, and counts it as exited
   * once that is verified. What survives is named, and keeps the slot.
   */
  async finish({ id, identity }: Run): Promise<LookAgain | undefined> {
    const { store, runs, host, accounts, notices, clock, log } = this.#parts
    const report = await host.kill(id, identity)
    const run = runs.get(id)
    if (run?.state !== 'claimed' && run?.state !== 'running') return undefined
    if (!isDead(report)) return this.#survived(run, report)
    const watch = this.#watch(run)
    for (let pieces = 1; this.#listen(run, watch); pieces += 1)
      if (pieces === mostPieces) return { afterMs: 0 }
    this.#tell(run, watch.output.end())
    runs.progress(run, watch.output.offset, watch.output.session)
    watch.limits.settle()
    const outcome = outcomeOf(run, watch.output, host.exit(id)?.code, clock.now())
    const exited = store.transaction(() => {
      const over = runs.exited(run, outcome)
      if (over) accounts.ended(over)
      return over
    })
    this.#watches.delete(id)
    log.info({ run: id, item: run.item, outcome: exited?.outcome }, 'agent ended')
    if (exited) notices.tell({ type: 'finished', run: exited })
    return undefined
  }

  #watch(run: Run): Watch {
    const { host, roster, ledger, clock } = this.#parts
    const known = this.#watches.get(run.id)
    if (known) return known
    const agent = roster.get(run.agent)
    const limits = new RunWatch(this.#parts, run, agent)
    const reader = agent.runtime.reader(ledger.before(run))
    const output = new RunOutput(host, run, reader, (events) => limits.observe(events))
    const watch = { output, limits, silentMs: 0, sinceMs: 0, lookedAt: clock.now(), storedAt: 0 }
    this.#watches.set(run.id, watch)
    return watch
  }

  /**
   * Reads a bounded piece of what is new; false when there was nothing. How far that was is stored
   * from time to time, a session at once.
   */
  #listen(run: Run, watch: Watch): boolean {
    const { runs, clock } = this.#parts
    const { output } = watch
    const events = output.read()
    const now = clock.now()
    watch.sinceMs = Math.min(longestSilenceMs, Math.max(0, now - watch.lookedAt))
    watch.silentMs = events ? 0 : watch.silentMs + watch.sinceMs
    watch.lookedAt = now
    this.#tell(run, events ?? [])
    const due = output.offset > run.offset && now - watch.storedAt >= storeEveryMs
    if (due || output.session !== run.session) {
      watch.storedAt = now
      runs.progress(run, output.offset, output.session)
    }
    return events !== undefined
  }

  #tell(run: Run, events: readonly AgentEvent[]): void {
    if (events.length === 0) return
    this.#parts.notices.tell({ type: 'output', run, events })
    this.#parts.accountWatch.observe(run, events)
  }

  /** It must not go on when its item has left its stage, or when it breaks a limit. */
  #stopIfNeeded(run: Run, { output, limits, sinceMs }: Watch): StopIntent | undefined {
    const { pipeline, runs, host } = this.#parts
    const stop = (next: StopIntent['next'], reason: string) =>
      runs.stop(run, { reason, by: this.name, next })?.stop
    const item = pipeline.get(run.item)
    if (!item) return stop('nothing', 'the item is gone')
    if (!fits(run.role, item.stage)) return stop('nothing', `the item is in ${item.stage.kind} now`)
    if (host.read(run.id, largestOutput, new Uint8Array(1)).bytes.length > 0)
      return stop('judge', 'The agent printed more than 1 GiB.')
    const breach = output.caughtUp ? limits.check(sinceMs) : undefined
    return breach && stop(breach.next, breach.reason)
  }

  #survived(run: Run, report: KillReport): LookAgain {
    const { runs, notices, log } = this.#parts
    const pids = leftPids(report)
    if (runs.get(run.id)?.survivors?.join() !== pids.join()) {
      const occupied = runs.survived(run, pids)
      log.error({ run: run.id, item: run.item, ...report }, 'processes cannot be ended')
      if (occupied) notices.tell({ type: 'survived', run: occupied, report })
    }
    return { afterMs: killAgainMs }
  }
}

/** A run that was told to stop did not end by itself, whatever its exit code says. */
function outcomeOf(
  run: Run,
  output: RunOutput,
  exitCode: number | undefined,
  now: number,
): Outcome {
  if (!run.stop) return output.outcome(exitCode, now)
  const { next, reason, outcome = { kind: 'failed', reason } } = run.stop
  return next === 'judge' ? outcome : { kind: 'interrupted' }
}
