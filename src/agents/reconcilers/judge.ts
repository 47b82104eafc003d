import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { GateRecords } from '../../pipeline/gates/gate-records.ts'
import type { GateReport, Gates } from '../../pipeline/gates.ts'
import type { Actor, QaMode } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { LookAgain, Reconciler } from '../../pipeline/reconcilers/reconciler.ts'
import type { WorkState, Worktree, Worktrees } from '../../pipeline/worktrees.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import type { Store } from '../../store/store.ts'
import type { Recoveries } from '../judging/commit-recovery.ts'
import { withFindings } from '../judging/findings.ts'
import type { Verdicts } from '../judging/qa-verdict.ts'
import { type Ending, isCalledOff, judge, type Verdict } from '../judging/verdict.ts'
import type { Roster } from '../roster.ts'
import { alikeInARow, silentDeaths } from '../runs/attempt.ts'
import { lastLines } from '../runs/last-lines.ts'
import type { Postponements } from '../runs/postponements.ts'
import type { Run } from '../runs/run.ts'
import type { SqliteRuns } from '../runs/runs.ts'
import { canCallTools } from '../tools/names.ts'

export interface JudgeParts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly runs: SqliteRuns
  readonly recoveries: Recoveries
  readonly verdicts: Pick<Verdicts, 'of'>
  readonly postponements: Postponements
  readonly worktrees: Worktrees
  readonly gates: Gates
  readonly gateRecords: GateRecords
  readonly host: ProcessHost
  readonly roster: Roster
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly log: Log
  readonly maxRetries: number
  readonly defaultQa: QaMode
}

/** So much of what an agent printed goes into a failure's text. */
const toldLines = 40

/** And so much of what one has found out goes into its spike. */
const foundLines = 400

/**
 * Decides what follows from each run that is verified dead. What is committed is judged by the
 * item's gates, whatever became of the agent. The run's end and the item's next stage are one
 * transaction; until then the item's slot stays taken.
 */
export class Judge implements Reconciler {
  readonly name = 'judge'
  readonly #parts: JudgeParts

  constructor(parts: JudgeParts) {
    this.#parts = parts
  }

  keys(): Iterable<string> {
    const exited = this.#parts.runs.active().filter(({ state }) => state === 'exited')
    return exited.map(({ id }) => id)
  }

  keysOf(item: number): Iterable<string> {
    const exited = this.#parts.runs.active().filter(({ state }) => state === 'exited')
    return exited.flatMap((run) => (run.item === item ? [run.id] : []))
  }

  async reconcile(key: string, signal: AbortSignal): Promise<LookAgain | undefined> {
    const { runs, worktrees, gateRecords } = this.#parts
    const exited = runs.get(key)
    if (exited?.state !== 'exited') return undefined
    const worktree = worktrees.find(exited.item)
    const work = worktree && (await worktrees.state(exited.item))
    let verdict = this.#judge(key, work)
    if (verdict?.kind === 'gates' && worktree && work) {
      const report = await this.#runGates(key, worktree, signal)
      const judged = { place: 'branch', tree: work.fingerprint } as const
      if (report) gateRecords.keep(exited.item, judged, report)
      // A person may have stopped the run or moved the item meanwhile, so all is looked at anew.
      verdict = this.#judge(key, work, report)
    }
    if (verdict?.kind === 'gates') return { afterMs: 0 }
    const diff = worktree && this.#isSpike(exited) ? await worktrees.diff(exited.item) : ''
    // That took a while, too.
    if (diff !== '') verdict = this.#judge(key, work)
    if (verdict?.kind === 'end') this.#conclude(key, verdict, diff)
    return undefined
  }

  /** Undefined when the run is not there to be judged any more. */
  #judge(key: string, work: WorkState | undefined, report?: GateReport): Verdict | undefined {
    const { pipeline, runs, recoveries, verdicts, host, roster, maxRetries, defaultQa } =
      this.#parts
    const run = runs.get(key)
    if (run?.state !== 'exited') return undefined
    const { runtime } = roster.get(run.agent)
    const earlier = runs.of(run.item).filter(({ role }) => role === run.role)
    return judge({
      run,
      item: pipeline.get(run.item),
      work,
      report,
      recovery: recoveries.of(run.item),
      silentDeaths: silentDeaths(earlier),
      alike: alikeInARow(earlier),
      verdict: verdicts.of(run),
      judgesByExit: !canCallTools(runtime),
      lastOutput: lastLines(host, run, runtime.reader(), toldLines).join('\n'),
      maxRetries,
      defaultQa,
    })
  }

  /** What the gates say; undefined when they were called off because nobody waits for them. */
  async #runGates(
    key: string,
    { item, path }: Worktree,
    signal: AbortSignal,
  ): Promise<GateReport | undefined> {
    const { gates, runs, pipeline } = this.#parts
    const callOff = new AbortController()
    const look = (changed: number) => {
      const run = runs.get(key)
      if (changed === item && (!run || isCalledOff(run, pipeline.get(item)))) callOff.abort()
    }
    const deaf = [runs.changed.listen(look), pipeline.changed.listen(look)]
    try {
      return await gates.run(`item-${item}`, path, AbortSignal.any([signal, callOff.signal]))
    } catch (error) {
      if (callOff.signal.aborted) return undefined
      throw error
    } finally {
      for (const stop of deaf) stop()
    }
  }

  #isSpike({ item }: Run): boolean {
    return this.#parts.pipeline.get(item)?.type === 'spike'
  }

  #conclude(key: string, { events, recovery, postponed }: Ending, diff: string): void {
    const { store, pipeline, runs, recoveries, log } = this.#parts
    store.transaction(() => {
      const run = runs.get(key)
      const ended = run && runs.end(run)
      if (!ended) return
      if (recovery === 'forgotten' || (!recovery && events.length > 0)) recoveries.clear(ended.item)
      else if (recovery) recoveries.set(ended.item, recovery)
      if (postponed) this.#postpone(ended, postponed)
      // Its worktree goes when the review ends.
      const isHeld = events.some(({ type }) => type === 'hold')
      if (isHeld && this.#isSpike(ended)) this.#keepFindings(ended, diff)
      for (const event of events) pipeline.apply(ended.item, event, actor(ended))
      const told = events.map(({ type }) => type)
      store.afterCommit(() => log.info({ run: key, item: ended.item, events: told }, 'run judged'))
    })
  }

  #keepFindings(run: Run, diff: string): void {
    const { pipeline, host, roster } = this.#parts
    const reader = roster.get(run.agent).runtime.reader()
    const words = lastLines(host, run, reader, foundLines).join('\n')
    const findings = { agent: run.agent, run: run.id, words, diff }
    const { body } = pipeline.need(run.item)
    pipeline.edit(run.item, { body: withFindings(body, findings) }, actor(run))
  }

  /** With up to a fifth more, so that not all come back at once. */
  #postpone({ item }: Run, { ms, reason }: NonNullable<Ending['postponed']>): void {
    const { postponements, clock, random } = this.#parts
    const until = clock.now() + Math.round(ms * (1 + random() / 5))
    postponements.set(item, { until, reason })
  }
}

function actor({ id, agent }: Run): Actor {
  return { kind: 'run', id, name: agent }
}
