import { afterGreenGates } from '../pipeline/after-gates.ts'
import type { GateReport } from '../pipeline/gates.ts'
import type { Item, QaMode } from '../pipeline/item.ts'
import { isTidying } from '../pipeline/merge-failures.ts'
import { firstLine } from '../pipeline/reason.ts'
import type { Stage, StageEvent } from '../pipeline/stage.ts'
import type { WorkState } from '../pipeline/worktrees.ts'
import { countRecovery, type Recovery, recoveryExhausted } from './commit-recovery.ts'
import { fits } from './pool.ts'
import type { Run } from './run.ts'

/** The run ends, these events happen to its item, and `recovery` is what remains counted. */
export interface Ending {
  readonly kind: 'end'
  readonly events: readonly StageEvent[]
  readonly recovery?: Recovery
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
  /** How many runs of the item in a row, this one included, died before they said anything. */
  readonly silentDeaths: number
  /** The end of what the agent printed. */
  readonly lastOutput: string
  readonly maxRetries: number
  readonly defaultQa: QaMode
}

/** A program that does not get as far as saying something will not do so the next time either. */
const mostSilentDeaths = 5

/** Judges a dead run by what it left. What an agent says of itself counts least. */
export function judge(evidence: Evidence): Verdict {
  const { run, item, work } = evidence
  if (!item || run.role === 'other' || !fits(run.role, item.stage)) return end()
  if (run.stop && run.stop.next !== 'judge') return carryOut(run.stop)
  if (run.role === 'coder' && item.type !== 'spike' && work && work.ahead > 0)
    return judgeCommits(evidence, item, work)
  if (evidence.silentDeaths >= mostSilentDeaths) return end(block(silentReason(evidence)))
  if (run.role === 'coder') return judgeCoder(evidence, item)
  return run.role === 'qa' ? judgeQa(evidence) : judgeMergemaster(evidence)
}

/** Whether the run's work is not judged at all: it was told to stop, or its item has moved on. */
export function isCalledOff({ role, stop }: Run, item: Item | undefined): boolean {
  return !item || !fits(role, item.stage) || (stop !== undefined && stop.next !== 'judge')
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
  const what = outcome?.kind === 'failed' ? outcome.reason : 'The agent ended without a commit.'
  return retry(what, lastOutput, stage, maxRetries)
}

function judgeQa({ run, lastOutput }: Evidence): Verdict {
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

function silentReason({ run, silentDeaths }: Evidence): string {
  const last = run.outcome?.kind === 'failed' ? ` Last: ${firstLine(run.outcome.reason)}` : ''
  return `The agent ${run.agent} died ${silentDeaths} times in a row before it said anything.${last}`
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
