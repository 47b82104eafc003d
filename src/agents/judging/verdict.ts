import { afterGreenGates } from '../../pipeline/after-gates.ts'
import type { GateReport } from '../../pipeline/gates.ts'
import type { Item, QaMode } from '../../pipeline/item.ts'
import { isTidying } from '../../pipeline/merge/merge-failures.ts'
import { firstLine } from '../../pipeline/reason.ts'
import type { Stage, StageEvent } from '../../pipeline/stage.ts'
import type { WorkState } from '../../pipeline/worktrees.ts'
import { fits } from '../pool.ts'
import type { Run } from '../runs/run.ts'
import { countRecovery, type Recovery, recoveryExhausted } from './commit-recovery.ts'
import { type QaVerdict, rejection } from './qa-verdict.ts'

/** The run ends, and these events happen to its item. */
export interface Ending {
  readonly kind: 'end'
  readonly events: readonly StageEvent[]
  /** What remains counted of its commit recovery; as it was where it is missing and nothing happens. */
  readonly recovery?: Recovery | 'forgotten'
  /** The item's next run starts so much later. */
  readonly postponed?: { readonly ms: number; readonly reason: string }
}

/** What follows from the end of a run: an ending, or the item's own gates have to speak first. */
export type Verdict = Ending | { readonly kind: 'gates' }

/** The state of the world in which an exited run is judged. */
export interface Evidence {
  readonly run: Run
  /** As it stands now; undefined when it was deleted meanwhile. */
  readonly item: Item | undefined
  /** Undefined when the worktree is gone. */
  readonly work: WorkState | undefined
  /** What the gates said of the work, once they were asked. */
  readonly report: GateReport | undefined
  readonly recovery: Recovery | undefined
  /** How many runs of the item in a row, this one included, died before they got to work. */
  readonly silentDeaths: number
  /** How many of them in a row, this one included, ended as it did. */
  readonly alike: number
  /** What a qa run has reported by the tool that it has for it. */
  readonly verdict?: QaVerdict | undefined
  /** Its program can use no tools of ours: a qa run says by its exit code what it thinks. */
  readonly judgesByExit: boolean
  /** The end of what the agent printed. */
  readonly lastOutput: string
  readonly maxRetries: number
  readonly defaultQa: QaMode
}

/** A program that does not get to work will not do so the next time either. */
const mostSilentDeaths = 5
/** The service was overloaded for about five hours then. */
const mostOverloads = 12
const firstPauseMs = 30_000
const longestPauseMs = 3_600_000

/** Judges a dead run by what it left. What an agent says of itself counts least. */
export function judge(evidence: Evidence): Verdict {
  const { run, item, work } = evidence
  if (!item || run.role === 'other' || !fits(run.role, item.stage)) return end()
  if (run.stop && run.stop.next !== 'judge') return carryOut(run.stop)
  if (run.role === 'qa' && evidence.verdict) return carryOutVerdict(evidence.verdict, item)
  const spared = spare(evidence)
  if (spared) return spared
  if (run.role === 'coder' && item.type !== 'spike' && work && work.ahead > 0)
    return judgeCommits(evidence, item, work)
  if (evidence.silentDeaths >= mostSilentDeaths) return end(block(silentReason(evidence)))
  const tooOften = cutOffTooOften(evidence, item) ?? noVerdictTooOften(evidence)
  if (tooOften !== undefined) return end(block(tooOften))
  if (run.role === 'coder') return judgeCoder(evidence, item)
  return run.role === 'qa' ? judgeQa(evidence) : judgeMergemaster(evidence)
}

/** Whether the run's work is not judged at all: it was told to stop, or its item has moved on. */
export function isCalledOff({ role, stop }: Run, item: Item | undefined): boolean {
  return !item || !fits(role, item.stage) || (stop !== undefined && stop.next !== 'judge')
}

/**
 * Ends of which the item's work is not the cause: they count as no failure, nothing is judged, and it
 * goes on later where it was. Undefined where the work is to be judged.
 */
function spare({ run, alike }: Evidence): Ending | undefined {
  const { agent, outcome } = run
  switch (outcome?.kind) {
    case 'limited':
      return { ...end(), recovery: 'forgotten' }
    case 'refused':
      return end()
    case 'overloaded': {
      const reason = firstLine(outcome.reason)
      if (alike >= mostOverloads)
        return end(
          block(`The service of ${agent} was overloaded ${alike} times in a row: ${reason}`),
        )
      const ms = Math.min(longestPauseMs, firstPauseMs * 2 ** (alike - 1))
      return { ...end(), postponed: { ms, reason: `the service was overloaded (${reason})` } }
    }
    case 'lost-session':
      // It starts cold the next time, so that it cannot lose one again.
      return alike === 1 ? end() : undefined
    default:
      return undefined
  }
}

function judgeCommits({ report, ...evidence }: Evidence, item: Item, work: WorkState): Verdict {
  if (!report) return { kind: 'gates' }
  if (!report.passed) {
    const { step, class: kind, output } = report.failure
    const told = isTidying(kind) ? ': mend that and nothing else.' : ''
    return retry(`${step} failed (${kind})${told}`, output, item.stage, evidence.maxRetries)
  }
  return end(...afterGreenGates(item, work, evidence.defaultQa))
}

function carryOut({ next, reason }: NonNullable<Run['stop']>): Verdict {
  if (next === 'block' || next === 'hold') return end({ type: next, reason })
  return end()
}

function judgeCoder(evidence: Evidence, { type, stage }: Item): Verdict {
  const { run, work, recovery, lastOutput, maxRetries } = evidence
  const { outcome } = run
  if (type === 'spike' && outcome?.kind === 'completed')
    return end({ type: 'hold', reason: 'The findings of this spike are ready to be read.' })
  if (type !== 'spike' && work && work.uncommitted.length > 0) {
    const counted = countRecovery(recovery, work.fingerprint, outcome?.kind !== 'completed')
    const exhausted = recoveryExhausted(counted)
    return exhausted ? end(block(exhausted)) : { ...end(), recovery: counted }
  }
  // Nobody's fault, and nothing to judge: it simply starts again.
  if (outcome?.kind === 'interrupted') return end()
  return retry(reasonOf(run) ?? 'The agent ended without a commit.', lastOutput, stage, maxRetries)
}

/** It counts however its program ended. */
function carryOutVerdict(verdict: QaVerdict, item: Item): Verdict {
  if (verdict.passed) return end({ type: 'qa-passed' })
  return end({ type: 'qa-failed', reason: rejection(verdict, item) })
}

/** Without a verdict it is started again. */
function judgeQa({ run, judgesByExit, lastOutput }: Evidence): Verdict {
  if (!judgesByExit) return end()
  if (run.outcome?.kind === 'completed') return end({ type: 'qa-passed' })
  if (run.outcome?.kind !== 'failed') return end()
  return end({ type: 'qa-failed', reason: withOutput(run.outcome.reason, lastOutput) })
}

/**
 * The queue judges what a conflict's resolution is worth: it merges and tests it again. One that is
 * not committed is none.
 */
function judgeMergemaster({ run, work }: Evidence): Verdict {
  const { outcome } = run
  const unfinished = work !== undefined && work.uncommitted.length > 0
  if (outcome?.kind === 'completed' && !unfinished) return end({ type: 'requeue' })
  return outcome?.kind === 'interrupted' ? end() : end({ type: 'recovery-attempted' })
}

function retry(what: string, output: string, stage: Stage, maxRetries: number): Verdict {
  const retries = stage.kind === 'coding' ? stage.retries : 0
  if (retries < maxRetries) return end({ type: 'gates-failed', failure: withOutput(what, output) })
  const times = retries === 0 ? 'once' : `${retries + 1} times`
  return end(block(`It failed ${times}, which is the limit. Last: ${withOutput(what, output)}`))
}

/** Half a failure each: agents that are killed again and again must not start for ever. */
function cutOffTooOften({ run, alike, maxRetries }: Evidence, { stage }: Item): string | undefined {
  const retries = stage.kind === 'coding' ? stage.retries : 0
  if (run.outcome?.kind !== 'interrupted' || alike + 2 * retries < 2 * (maxRetries + 1))
    return undefined
  return `The agent ${run.agent} was cut off ${alike} times in a row: something ends it before it is done.`
}

/** A coder's is a failure like others; qa has no counter for those. */
function noVerdictTooOften(evidence: Evidence): string | undefined {
  const { run, alike, maxRetries, judgesByExit } = evidence
  const kind = run.outcome?.kind
  if (run.role !== 'qa' || kind === 'interrupted' || alike <= maxRetries) return undefined
  if (judgesByExit && (kind === 'completed' || kind === 'failed')) return undefined
  const last = reasonOf(run) ?? 'it ended without one.'
  return `The agent ${run.agent} came to no verdict ${alike} times in a row. Last: ${firstLine(last)}`
}

/** What it failed with, where it says so. */
function reasonOf({ outcome }: Run): string | undefined {
  return outcome && 'reason' in outcome ? outcome.reason : undefined
}

function silentReason({ run, silentDeaths }: Evidence): string {
  const reason = reasonOf(run)
  const last = reason === undefined ? '' : ` Last: ${firstLine(reason)}`
  return `The agent ${run.agent} died ${silentDeaths} times in a row before it got to work.${last}`
}

function withOutput(what: string, output: string): string {
  return output.trim() === '' ? what : `${what}\n${output.trimEnd()}`
}

function block(reason: string): StageEvent {
  return { type: 'block', reason }
}

function end(...events: StageEvent[]): Ending {
  return { kind: 'end', events }
}
