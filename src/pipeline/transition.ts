import { columnOf } from './columns.ts'
import type { ItemType } from './item.ts'
import { unpaused, workOf } from './paused.ts'
import { describeFailure, firstLine } from './reason.ts'
import type { MergeFailure, Stage, StageEvent, StageEventType, StageKind, Work } from './stage.ts'

/** What a transition depends on beside stage and event. */
export interface TransitionContext {
  readonly type: ItemType
  /** Milliseconds since the epoch. */
  readonly now: number
  /** How often the item came back from qa or merge to coding so far. */
  readonly returns: number
  /** At this many returns the item is blocked instead of coming back once more. */
  readonly maxReturns: number
}

export type TransitionResult =
  | { readonly ok: true; readonly stage: Stage; readonly returns: number }
  /** The event changes nothing here; `legal` names those that would. */
  | { readonly ok: false; readonly legal: readonly StageEventType[] }

type StageOf<K extends StageKind> = Extract<Stage, { kind: K }>
type EventOf<E extends StageEventType> = Extract<StageEvent, { type: E }>
type Cell<S, E> = (stage: S, event: E, context: TransitionContext) => Stage
type Row<S> = { readonly [E in StageEventType]?: Cell<S, EventOf<E>> }

/** A conflict or a red merge is given to an agent this often; then only a person goes on. */
const maxRecoveries = 3
/** So many failures in a row that no agent can mend block the item. */
const maxStrikes = 3

/**
 * The next stage of an item. It is pure, and `table` below is all that it knows. Retry counters
 * start at 0 in each new stage unless the event is a retry, and every way back from qa or merge to
 * coding is counted in `returns`, which only `unblock` clears.
 */
export function transition(
  stage: Stage,
  event: StageEvent,
  context: TransitionContext,
): TransitionResult {
  if (forbidden[context.type]?.has(event.type))
    return { ok: false, legal: legalEvents(stage, context.type) }
  // The table's own type ties each cell to its stage and event; TypeScript cannot follow the look-up.
  const cell = rowOf(stage)[event.type] as Cell<Stage, StageEvent> | undefined
  if (!cell) return { ok: false, legal: legalEvents(stage, context.type) }
  const next = cell(stage, event, context)
  if (event.type === 'unblock') return { ok: true, stage: next, returns: 0 }
  if (!isReturn(stage, event, next)) return { ok: true, stage: next, returns: context.returns }
  const returns = context.returns + 1
  if (returns < context.maxReturns) return { ok: true, stage: next, returns }
  const why = next.kind === 'coding' && next.failure ? ` Last: ${firstLine(next.failure)}` : ''
  const times = returns === 1 ? 'once' : `${returns} times`
  const reason = `It came back from review or merge ${times}, which is the limit.${why}`
  return { ok: true, stage: { kind: 'blocked', reason, resumeTo: next }, returns }
}

/** The events that are legal for an item of this type in this stage. */
export function legalEvents(stage: Stage, type: ItemType): StageEventType[] {
  const events = Object.keys(rowOf(stage)) as StageEventType[]
  return events.filter((event) => !forbidden[type]?.has(event))
}

// Rows that several stages share. The first: what a person can do with all that is not finished.
const open = {
  block: (stage, { reason }) => ({ kind: 'blocked', reason, resumeTo: stage }),
  freeze: (stage) => ({ kind: 'frozen', resumeTo: stage }),
  abandon: () => ({ kind: 'abandoned' }),
  supersede: (_, { by }) => ({ kind: 'superseded', by }),
  close: (_, __, { now }) => ({ kind: 'done', at: now }),
} satisfies Row<Stage>

// Work that has begun.
const started = {
  hold: (stage, { reason }) => ({ kind: 'review-hold', reason, resumeTo: stage }),
  demote: () => ({ kind: 'backlog', manual: true }),
} satisfies Row<Stage>

// Work that has not begun.
const waiting = {
  start: () => coding(),
  'dependencies-met': () => coding(),
  archive: (from, { reason }, { now }) => ({ kind: 'archived', at: now, reason, from }),
} satisfies Row<Stage>

// A red merge, before or after it is called a failure.
const mending = {
  'fix-up': (_, { failure }) => coding(failure),
} satisfies Row<Stage>

const finished = {
  archive: waiting.archive,
  reopen: () => ({ kind: 'backlog', manual: true }),
} satisfies Row<Stage>

const merged: Row<Stage> = {
  merged: (_, { commit }, { now }) => ({ kind: 'done', at: now, commit }),
}

/** The whole life of an item: in which stage an event is legal, and what it leads to. */
const table: { readonly [K in StageKind]: Row<StageOf<K>> } = {
  upcoming: { ...open, ...waiting, triage: () => ({ kind: 'backlog' }) },
  backlog: { ...open, ...waiting },
  coding: {
    ...open,
    ...started,
    'gates-passed': (_, { work }) => withCommits(work, { kind: 'qa', retries: 0, work }),
    'qa-skipped': (_, { work }, { now }) => queued(work, now),
    'gates-failed': ({ retries }, { failure }) => ({
      kind: 'coding',
      retries: retries + 1,
      failure,
    }),
  },
  blocked: {
    freeze: open.freeze,
    abandon: open.abandon,
    supersede: open.supersede,
    close: open.close,
    demote: started.demote,
    archive: waiting.archive,
    unblock: ({ resumeTo }) => (resumeTo ? freshCounters(resumeTo) : coding()),
  },
  qa: {
    ...open,
    ...started,
    'qa-passed': ({ work }, _, { now }) => queued(work, now),
    'qa-failed': (_, { reason }) => coding(reason),
    'gates-failed': (_, { failure }) => coding(failure),
  },
  'review-hold': {
    ...open,
    demote: started.demote,
    approve: approved,
    reject: (_, { reason, close }) => (close ? { kind: 'rejected', reason } : coding(reason)),
  },
  merge: {
    ...open,
    ...started,
    ...merged,
    'merge-started': (stage) => stage,
    'merge-failed': mergeFailed,
    ...mending,
  },
  'merge-failure': {
    ...open,
    ...started,
    ...mending,
    start: ({ work }, _, { now }) => queued(work, now),
    requeue: ({ work, attempts }, _, { now }) => queued(work, now, attempts),
    'recovery-attempted': ({ failure, attempts, work }) => failed(failure, attempts + 1, work),
  },
  'merge-failure-final': {
    ...open,
    ...started,
    ...mending,
    start: ({ work }, _, { now }) => queued(work, now),
    requeue: ({ work }, _, { now }) => queued(work, now),
    'recovery-attempted': (stage) => stage,
  },
  done: {
    ...finished,
    freeze: open.freeze,
    accept: (from, _, { now }) => ({ kind: 'archived', at: now, reason: 'accepted', from }),
  },
  archived: { reopen: finished.reopen },
  frozen: {
    abandon: open.abandon,
    supersede: open.supersede,
    unfreeze: ({ resumeTo }) => resumeTo,
  },
  abandoned: finished,
  superseded: finished,
  rejected: finished,
}

/** An epic only groups, so it never starts; a spike's result is read by a person, never merged. */
const forbidden: { readonly [T in ItemType]?: ReadonlySet<StageEventType> } = {
  epic: new Set(['start', 'dependencies-met']),
  spike: new Set([
    'gates-passed',
    'qa-skipped',
    'qa-passed',
    'qa-failed',
    'merge-started',
    'merged',
    'merge-failed',
    'recovery-attempted',
    'fix-up',
    'requeue',
  ]),
}

/**
 * A landing that is under way when its item is paused can no longer be called back. It is a fact,
 * so that `merged` is legal there too.
 */
function rowOf(stage: Stage): Row<never> {
  return unpaused(stage).kind === 'merge' ? { ...table[stage.kind], ...merged } : table[stage.kind]
}

/** Approval only lets go what was held; every other way from qa or merge to coding is a return. */
function isReturn(from: Stage, event: StageEvent, to: Stage): boolean {
  const column = columnOf(from)
  return to.kind === 'coding' && (column === 'qa' || column === 'merge') && event.type !== 'approve'
}

function approved(held: StageOf<'review-hold'>, _: unknown, context: TransitionContext): Stage {
  if (context.type === 'spike') return { kind: 'done', at: context.now }
  const work = workOf(held)
  return work ? queued(work, context.now) : held.resumeTo
}

function mergeFailed(
  { work, retries }: StageOf<'merge'>,
  { failure }: EventOf<'merge-failed'>,
  { now }: TransitionContext,
): Stage {
  const reason = describeFailure(failure)
  if (failure.kind === 'no-commits') return { kind: 'blocked', reason, resumeTo: coding(reason) }
  if (failure.kind === 'empty-diff')
    return {
      kind: 'review-hold',
      reason: `${reason} Close it if that is right, or reject it with a reason.`,
      resumeTo: queued(work, now),
    }
  if (failure.kind === 'other' && retries + 1 >= maxStrikes)
    return {
      kind: 'blocked',
      reason: `The merge failed ${retries + 1} times in a row: ${reason}`,
      resumeTo: queued(work, now),
    }
  return failed(failure, retries + 1, work)
}

function failed(failure: MergeFailure, attempts: number, work: Work): Stage {
  return attempts > maxRecoveries
    ? { kind: 'merge-failure-final', failure, work }
    : { kind: 'merge-failure', failure, attempts, work }
}

function coding(failure?: string): Stage {
  return { kind: 'coding', retries: 0, ...(failure === undefined ? {} : { failure }) }
}

function queued(work: Work, now: number, retries = 0): Stage {
  return withCommits(work, { kind: 'merge', work, retries, since: now })
}

/** Nothing is judged or merged that has no commits: there is nothing to judge. */
function withCommits(work: Work, next: Stage): Stage {
  if (work.ahead > 0) return next
  const reason = describeFailure({ kind: 'no-commits' })
  return { kind: 'blocked', reason, resumeTo: coding(reason) }
}

function freshCounters(stage: Stage): Stage {
  if ('retries' in stage) return { ...stage, retries: 0 }
  return stage.kind === 'merge-failure' ? { ...stage, attempts: 1 } : stage
}
