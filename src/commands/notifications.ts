import type { Accounts } from '../agents/accounts.ts'
import type { RunNotice } from '../agents/run-notice.ts'
import type { Place } from '../bot/message.ts'
import type { Outbox } from '../bot/outbox.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import type { Notices } from '../kernel/notices.ts'
import type { Actor, HistoryEntry } from '../pipeline/item.ts'
import type { Pipeline, Transition } from '../pipeline/pipeline.ts'
import { agentNoticeOf, noticeOf } from './notice.ts'
import { parkingNoticeOf } from './parking-notice.ts'

/** What notifications are made from, and where they go. */
export interface NotificationParts {
  readonly pipeline: Pipeline
  readonly runs: Notices<RunNotice>
  readonly accounts: Pick<Accounts, 'witness'>
  readonly outbox: Pick<Outbox, 'enqueue'>
  /** The rooms that the project names. */
  readonly places: readonly Place[]
  readonly baseBranch: string
  readonly timezone: string
  /** Whether they are told of limits that stop nothing. */
  readonly tellsSoftLimits: boolean
}

/**
 * Tells the project's rooms what happens to its items and agents. What a change leads to is stored
 * with the change, in its transaction; nothing is told twice.
 */
export function notify(parts: NotificationParts): void {
  const { pipeline, runs, accounts, outbox, places, baseBranch, timezone } = parts
  const tell = (text: string, key: string, to: readonly Place[]) => {
    for (const place of to)
      outbox.enqueue({
        ...place,
        text,
        key: [key, place.transport, place.room, place.thread].join('/'),
      })
  }
  const { pausedBecause: why } = pipeline
  if (why !== undefined)
    tell(
      `${escapeMarkdown(why)}. The pipeline is paused: look with \`status\`, then \`resume\`.`,
      `paused/${why}`,
      places,
    )
  pipeline.witness((transition) => {
    const text = noticeOf(transition, pipeline, baseBranch)
    if (text === undefined) return
    const listening = places.filter((place) => !readsTheReply(transition.entry.by, place))
    tell(text, keyOf(transition, pipeline.history(transition.item.id)), listening)
  })
  accounts.witness((parking) => {
    for (const place of places)
      outbox.enqueue({ ...place, text: parkingNoticeOf(parking, timezone) })
  })
  runs.listen((notice) => {
    if (notice.type === 'throttled' && !parts.tellsSoftLimits) return
    const item = pipeline.get(notice.run.item)
    const text = item && agentNoticeOf(notice, item)
    if (text !== undefined) tell(text, keyOfRun(notice), places)
  })
}

/** A run may come near its limit again, hours later. */
function keyOfRun({ run, type }: RunNotice): string {
  const key = `run/${run.id}/${type}`
  return type === 'throttled' ? `${key}/${run.throttledUntil}` : key
}

/** The terminal is one room with one person: the reply to a command has said it there already. */
function readsTheReply(by: Actor, { transport }: Place): boolean {
  return by.kind === 'person' && transport === 'terminal' && by.id.startsWith('terminal:')
}

/** What leaves it the same merge: it fails and is tried again, without anybody's decision. */
const mergeRound = new Set<HistoryEntry['event']>([
  'merge-started',
  'merge-failed',
  'requeue',
  'recovery-attempted',
  'edit',
])

/**
 * The notice's key in the outbox, which keeps one message of a key. A merge that fails again in the
 * same way, round after round, has one key; all else is told each time.
 */
function keyOf({ item }: Transition, history: readonly HistoryEntry[]): string {
  const { stage } = item
  if (stage.kind !== 'merge-failure' && stage.kind !== 'merge-failure-final')
    return `item/${item.id}/${history.length}`
  const before = history.findLastIndex(({ event }) => !mergeRound.has(event))
  return `item/${item.id}/${before}/${stage.kind}/${stage.failure.kind}`
}
