import type { Run } from '../agents/runs/run.ts'
import type { RunNotice } from '../agents/runs/run-notice.ts'
import type { NoticeKind } from '../bot/settings.ts'
import { codeBlock, escapeMarkdown } from '../kernel/markdown.ts'
import type { HistoryEntry, Item } from '../pipeline/item.ts'
import type { Pipeline, Transition } from '../pipeline/pipeline.ts'
import { describeFailure, firstLine, reasonOf } from '../pipeline/reason.ts'
import type { MergeFailure } from '../pipeline/stage.ts'
import { nameOf } from './actor.ts'
import { nextStep } from './next-step.ts'
import { sentence, shortCommit } from './wording.ts'

const mostLines = 25

/** What comes back to where it was, by a person's wish, is no news. */
const noNews = new Set<HistoryEntry['event']>(['delete', 'edit', 'unblock', 'unfreeze'])

/** Something that the rooms are told of, in Markdown. */
export interface Notice {
  readonly kind: NoticeKind
  readonly text: string
  /** Commands that it offers, where there are buttons. */
  readonly offers?: readonly string[]
}

/** What the rooms are told of a change; undefined where it is of no interest to them. */
export function noticeOf(
  { item, entry }: Transition,
  pipeline: Pipeline,
  baseBranch: string,
): Notice | undefined {
  const { id, stage } = item
  const name = escapeMarkdown(item.name)
  if (entry.event === 'create')
    return {
      kind: 'new-item',
      text: `Item ${id} is new in the backlog, from ${escapeMarkdown(nameOf(entry.by))}: ${name}.`,
    }
  if (entry.event === 'merged')
    return {
      kind: 'merged',
      text: `Item ${id} is on ${baseBranch}: ${name} (${shortCommit(entry.note ?? '')}).`,
    }
  if (noNews.has(entry.event)) return undefined
  if (stage.kind === 'coding') return backInCoding(item, entry.event)
  if (entry.from === entry.to) return undefined
  const why = sentence(firstLine(reasonOf(stage) ?? ''))
  switch (stage.kind) {
    case 'blocked':
      return {
        kind: 'blocked',
        text: `Item ${id} (${name}) is blocked: ${why} ${nextStep(pipeline, id)}`,
      }
    case 'review-hold':
      return {
        kind: 'review',
        text: `Item ${id} (${name}) is held for review: ${why} ${nextStep(pipeline, id)}`,
        offers: [`Approve ${id}`, `Reject ${id}`],
      }
    case 'merge-failure':
    case 'merge-failure-final': {
      const text = mergeFailed(item, stage.failure, nextStep(pipeline, id))
      return { kind: 'merge-failure', text }
    }
    default:
      return undefined
  }
}

/** What the rooms are told of an agent; what follows from its work is told by itself. */
export function agentNoticeOf(notice: RunNotice, item: Item): Notice | undefined {
  const text = wordsOf(notice, item)
  return text === undefined
    ? undefined
    : { kind: notice.type === 'throttled' ? 'limit' : 'agent', text }
}

function wordsOf(notice: RunNotice, { id, name }: Item): string | undefined {
  const { type, run } = notice
  const agent = escapeMarkdown(run.agent)
  const item = `item ${id} (${escapeMarkdown(name)})`
  switch (type) {
    case 'started':
      return `${agent} works on ${item} now.`
    case 'finished':
      return isParking(run) ? undefined : `${agent} ${howItEnded(run, item)}`
    case 'survived':
      return `${agent} on ${item} cannot be ended: processes ${run.survivors?.join(', ')} are left. Give the item free with \`release ${id}\`.`
    case 'throttled':
      return `The account of ${agent} on ${item} is ${notice.overage ? 'beyond its plan, and every answer costs money' : 'near its limit'}. The agent goes on.`
    case 'output':
      return undefined
  }
}

/** The room is told of the account, once, and not of each run that has met its limit. */
function isParking({ outcome }: Run): boolean {
  return outcome?.kind === 'limited' || outcome?.kind === 'refused'
}

function howItEnded({ outcome, stop }: Run, item: string): string {
  if (stop) return `was stopped on ${item}: ${sentence(stop.reason)}`
  switch (outcome?.kind) {
    case 'completed':
      return `is done with ${item}.`
    case 'failed':
      return `failed on ${item}: ${sentence(firstLine(outcome.reason))}`
    case 'exhausted':
      return `was not done with ${item}: ${sentence(firstLine(outcome.reason))}`
    case 'overloaded':
      return `tries ${item} again later, because its service is overloaded.`
    case 'lost-session':
      return `starts ${item} anew, because its session is lost.`
    default:
      return `was cut off on ${item}.`
  }
}

function backInCoding({ id, name, stage }: Item, event: HistoryEntry['event']): Notice | undefined {
  const item = `Item ${id} (${escapeMarkdown(name)})`
  const why = sentence(firstLine(reasonOf(stage) ?? ''))
  if (event === 'gates-failed') return { kind: 'returned', text: `${item} is tried again: ${why}` }
  const returned = event === 'qa-failed' || event === 'reject' || event === 'fix-up'
  return returned ? { kind: 'returned', text: `${item} came back to coding: ${why}` } : undefined
}

function mergeFailed({ id, name }: Item, failure: MergeFailure, next: string): string {
  const [head = '', ...output] = describeFailure(failure).trimEnd().split('\n')
  return [
    `The merge of item ${id} (${escapeMarkdown(name)}) failed: ${sentence(head)}`,
    ...(output.length > 0 ? [codeBlock(output.slice(-mostLines).join('\n'))] : []),
    next,
  ].join('\n')
}
