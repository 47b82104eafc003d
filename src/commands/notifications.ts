import type { Accounts } from '../agents/accounts/accounts.ts'
import type { RunNotice } from '../agents/runs/run-notice.ts'
import type { Bulletins } from '../bot/bulletins.ts'
import type { Place } from '../bot/message.ts'
import type { NoticeKind } from '../bot/settings.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Notices } from '../kernel/notices.ts'
import type { Actor, HistoryEntry } from '../pipeline/item.ts'
import type { Pipeline, Transition } from '../pipeline/pipeline.ts'
import { agentNoticeOf, type Notice, noticeOf } from './notice.ts'
import { parkingNoticeOf } from './parking-notice.ts'

/** What notifications are made from, and where they go. */
export interface NotificationParts {
  readonly store: { afterCommit(told: () => void): void }
  readonly pipeline: Pipeline
  readonly runs: Notices<RunNotice>
  readonly accounts: Pick<Accounts, 'witness'>
  readonly bulletins: Pick<Bulletins, 'post'>
  /** The rooms that the project names. */
  readonly places: readonly Place[]
  /** What they are told of. */
  readonly kinds: readonly NoticeKind[]
  readonly baseBranch: string
  readonly timezone: string
  /** Whether they are told of limits that stop nothing. */
  readonly tellsSoftLimits: boolean
}

/** A notice as programs hear of it, whatever the rooms want to be told. */
export interface Notification extends Notice {
  /** The item that it is about. */
  readonly item?: number
  /** The same for what is told a second time. */
  readonly key?: string
}

/**
 * Tells the project's rooms what happens to its items and agents. What a change leads to is stored
 * with the change, in its transaction; nothing is told twice. Returns what tells programs of the same,
 * once it is stored.
 */
export function notify(parts: NotificationParts): Notices<Notification> {
  const { store, pipeline, runs, accounts, bulletins, places, baseBranch, timezone } = parts
  const heard = new Notices<Notification>()
  const post = (
    { text, key, offers }: Pick<Notification, 'text' | 'key' | 'offers'>,
    to: readonly Place[],
  ) => {
    const choices = offers?.map((label) => ({ label }))
    for (const place of to) {
      const { transport, room, thread } = place
      const own = key && [key, transport, room, thread].join('/')
      bulletins.post({ place, text, ...(own && { key: own }), ...(choices && { choices }) })
    }
  }
  const tell = (notification: Notification, to = places) => {
    if (parts.kinds.includes(notification.kind)) post(notification, to)
    store.afterCommit(() => heard.tell(notification))
  }
  const { pausedBecause: why } = pipeline
  if (why !== undefined)
    post(
      {
        text: `${escapeMarkdown(why)}. The pipeline is paused: look with \`status\`, then \`resume\`.`,
        key: `paused/${why}`,
      },
      places,
    )
  pipeline.witness((transition) => {
    const { item, entry } = transition
    const notice = noticeOf(transition, pipeline, baseBranch)
    if (!notice) return
    const key = keyOf(transition, pipeline.history(item.id))
    const listening = places.filter((place) => !readsTheReply(entry.by, place))
    tell({ ...notice, item: item.id, key }, listening)
  })
  accounts.witness((parking) => tell({ kind: 'limit', text: parkingNoticeOf(parking, timezone) }))
  runs.listen((event) => {
    if (event.type === 'throttled' && !parts.tellsSoftLimits) return
    const item = pipeline.get(event.run.item)
    const notice = item && agentNoticeOf(event, item)
    if (notice) tell({ ...notice, item: item.id, key: keyOfRun(event) })
  })
  return heard
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
