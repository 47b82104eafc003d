import { codeBlock, escapeMarkdown } from '../kernel/markdown.ts'
import type { GateJob } from '../pipeline/gates/gate-jobs.ts'
import type { GateReport } from '../pipeline/gates.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { GateJobOutcome } from '../pipeline/reconcilers/gate-job-runner.ts'
import { nextStep } from './next-step.ts'
import { standing } from './standing.ts'
import { duration } from './time.ts'

const mostLines = 25

/** What the asker is told when their job has ended. */
export function gateJobReport(
  { kind, item: id }: GateJob,
  outcome: GateJobOutcome,
  pipeline: Pipeline,
): string {
  const item = id === undefined ? undefined : pipeline.get(id)
  const what = id === undefined ? 'the project' : `item ${id}`
  if (outcome.kind === 'not-run')
    return `The ${nouns[kind]} of ${what} did not run: ${outcome.because}.`
  const { report, wentOn, because } = outcome
  const took = `, after ${duration(report.durationMs)}`
  if (!report.passed) {
    const { step, class: kind, output } = report.failure
    return `${escapeMarkdown(step)} fails on ${what} (${kind})${took}.\n${lastLines(output)}`
  }
  if (kind === 'coverage') return `The coverage of the project${took}:\n${lastLines(report.output)}`
  const passed = `All gates pass on ${what}${took}.`
  if (kind === 'tests' || !item) return passed
  const where = `It ${wentOn ? 'is' : 'stays'} ${standing(item.stage)}`
  return wentOn
    ? `${passed} ${where}: ${escapeMarkdown(item.name)}. ${nextStep(pipeline, item.id)}`
    : `${passed} ${where}, because ${because}.`
}

const nouns = { tests: 'tests', recheck: 'recheck', coverage: 'coverage' } as const

function lastLines(output: GateReport['output']): string {
  return codeBlock(output.trimEnd().split('\n').slice(-mostLines).join('\n'))
}
