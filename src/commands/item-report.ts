import type { Run } from '../agents/runs/run.ts'
import { codeBlock, escapeMarkdown } from '../kernel/markdown.ts'
import { priceTag } from '../pipeline/cost.ts'
import type { GateRecord } from '../pipeline/gates/gate-records.ts'
import type { Item } from '../pipeline/item.ts'
import { momentAt } from '../pipeline/later/local-time.ts'
import { workOf } from '../pipeline/paused.ts'
import { reasonOf } from '../pipeline/reason.ts'
import type { WorkState } from '../pipeline/worktrees.ts'
import { epicProgress } from './epic-progress.ts'
import { nextStep } from './next-step.ts'
import { qaLines } from './qa-report.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { duration } from './time.ts'
import { counted, titled } from './wording.ts'
import { isMerging } from './working.ts'

const mostFiles = 10
const mostLines = 25

/** One item whole: where it stands and why, who is at it, how far it is, and what comes next. */
export async function itemReport(services: Services, id: number, now: number): Promise<string> {
  const { pipeline, worktrees, gateRecords } = services
  const item = pipeline.need(id)
  const gates = gateRecords.of(id)
  const work = worktrees.find(id) ? await worktrees.state(id) : undefined
  const lines = [
    `It is ${standing(item.stage)}${counters(item)}.`,
    ...agentLines(services, item, now),
    ...costLines(services, item),
    ...criteriaLines(item),
    ...qaLines(services, item, now),
    ...epicProgress(item, pipeline),
    ...workLines(item, work),
    ...gateLines(gates, now),
    nextOf(services, item),
  ]
  const title = `**${titled(item)}** (${item.type})`
  const why = failure(item)
  const output = why === '' && gates ? gateOutput(item, gates) : ''
  return [title, lines.map((line) => `- ${line}`).join('\n'), why, output]
    .filter((part) => part !== '')
    .join('\n\n')
}

function counters({ stage, returns }: Item): string {
  const retries = 'retries' in stage ? stage.retries : 0
  const attempts = stage.kind === 'merge-failure' ? stage.attempts : 0
  const counts = [
    ...(retries > 0 ? [counted(retries, 'retry', 'retries')] : []),
    ...(attempts > 0 ? [counted(attempts, 'failed merge', 'failed merges')] : []),
    ...(returns > 0 ? [counted(returns, 'return', 'returns')] : []),
  ]
  return counts.length > 0 ? `, after ${counts.join(' and ')}` : ''
}

function agentLines({ runs, timezone }: Services, item: Item, now: number): string[] {
  const run = runs.activeOf(item.id)
  if (!run)
    return [
      ...(item.agent ? [`Its agent is to be ${escapeMarkdown(item.agent)}.`] : []),
      ...denials(runs.of(item.id)[0]),
    ]
  const agent = escapeMarkdown(run.agent)
  if (run.survivors)
    return [
      `Processes ${run.survivors.join(', ')} of ${agent} cannot be ended: \`release ${item.id}\`.`,
    ]
  if (run.stop) return [`${agent} is being stopped: ${escapeMarkdown(run.stop.reason)}`]
  if (run.state === 'exited') return [`${agent} has ended, and its work is being judged.`]
  const limit = run.throttledUntil ?? 0
  const near =
    limit > now ? ` Its account is near its limit until ${momentAt(limit, timezone)}.` : ''
  return [
    `${agent} is at it, for ${duration(now - run.startedAt)} (attempt ${run.attempt}).${near}`,
  ]
}

/** What its last agent was not allowed to do: whoever wonders why something is missing is told. */
function denials(run: Run | undefined): string[] {
  const { outcome, agent } = run ?? {}
  if (outcome?.kind !== 'completed' || !outcome.denied || agent === undefined) return []
  const tools = [...new Set(outcome.denied)].map((tool) => `\`${tool}\``).join(', ')
  return [
    `${escapeMarkdown(agent)} was not allowed to use ${tools}: \`allowed_tools\` in project.toml allows it.`,
  ]
}

function costLines({ ledger }: Services, { id }: Item): string[] {
  const cost = ledger.ofItem(id)
  return cost.usd > 0 ? [`It has cost ${priceTag(cost)} so far: \`cost ${id}\`.`] : []
}

function criteriaLines({ criteria }: Item): string[] {
  if (criteria.length === 0) return []
  const met = criteria.filter((criterion) => criterion.met).length
  const each = criteria.map(
    (criterion, index) => `  - ${criterion.met ? '☑' : '☐'} ${index + 1}. ${criterion.text}`,
  )
  return [
    [`${met} of ${counted(criteria.length, 'criterion', 'criteria')} met:`, ...each].join('\n'),
  ]
}

function workLines(item: Item, work: WorkState | undefined): string[] {
  if (!work) {
    const waiting = workOf(item.stage)
    return waiting ? [`Its branch is \`${waiting.branch}\`.`] : []
  }
  const files = work.uncommitted.slice(0, mostFiles).map((file) => `\`${file}\``)
  const more = work.uncommitted.length - files.length
  return [
    `Its branch is \`${work.branch}\`, ${counted(work.ahead, 'commit', 'commits')} ahead.`,
    ...(files.length > 0
      ? [`Not committed: ${files.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`]
      : []),
  ]
}

function gateLines(record: GateRecord | undefined, now: number): string[] {
  if (!record) return []
  const { place, passed, step, durationMs, at } = record
  const where = place === 'branch' ? 'on its branch' : 'on what was to land'
  const how = `${where}, ${duration(now - at)} ago, in ${duration(durationMs)}`
  const named = step && escapeMarkdown(step)
  if (!passed) return [`Its gates failed ${how}: ${named}.`]
  const again = named ? `; ${named} failed at first, and passed when it was repeated` : ''
  return [`Its gates passed ${how}${again}.`]
}

/** The end of what red gates printed, where no failure shows it already. */
function gateOutput({ stage }: Item, { passed, output }: GateRecord): string {
  const isOver = stage.kind === 'done' || stage.kind === 'archived'
  if (passed || isOver || output.trim() === '') return ''
  return codeBlock(output.trimEnd().split('\n').slice(-mostLines).join('\n'))
}

function nextOf(services: Services, item: Item): string {
  const { pipeline, agents, runs, mergeQueue } = services
  const held = mergeQueue.waiting(item.id)
  if (held) return escapeMarkdown(held)
  if (isMerging(services, item)) return 'Its merge is under way, and lands when its gates pass.'
  const waits = item.stage.kind === 'coding' || item.stage.kind === 'qa'
  if (waits && runs.activeOf(item.id)) return `Follow the agent with \`log ${item.id}\`.`
  const parked = agents.parked.get(item.id)
  if (parked !== undefined)
    return `It is parked: ${escapeMarkdown(parked)}. Try it at once with \`resume ${item.id}\`.`
  const why = waits ? agents.why(item.id) : undefined
  return why ? `It waits for an agent: ${why}.` : nextStep(pipeline, item.id)
}

/** Why it stands where it stands. What is done or closed for good shows no failure of the past. */
function failure({ stage }: Item): string {
  const reason = reasonOf(stage)?.trimEnd()
  if (reason === undefined || stage.kind === 'superseded' || stage.kind === 'archived') return ''
  const [head = '', ...output] = reason.split('\n')
  const intro = `${stage.kind === 'coding' ? 'The last attempt' : 'Why'}: ${escapeMarkdown(head)}`
  return output.length === 0 ? intro : `${intro}\n${codeBlock(output.slice(-mostLines).join('\n'))}`
}
