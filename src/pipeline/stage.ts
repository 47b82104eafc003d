/** What is to be merged: a branch, and how many commits it has that the base branch has not. */
export interface Work {
  readonly branch: string
  readonly ahead: number
}

/** The kind of check that failed. It is decided by the failing step, never by words in its output. */
export type GateClass = 'format' | 'lint' | 'docs' | 'build' | 'test'

/** Why a run of the gates was red: the step, its class, and the end of what it printed. */
export interface GateFailure {
  readonly step: string
  readonly class: GateClass
  readonly output: string
}

/** Why a merge did not land. */
export type MergeFailure =
  | { readonly kind: 'conflict'; readonly detail: string }
  | { readonly kind: 'gates'; readonly gate: GateFailure }
  | { readonly kind: 'empty-diff' }
  | { readonly kind: 'no-commits' }
  | { readonly kind: 'other'; readonly detail: string }

/**
 * Where a work item stands: one tagged value, replaced as a whole. Its column on the board and its
 * badge are computed from it (see columns.ts) and stored nowhere.
 */
export type Stage =
  | { readonly kind: 'upcoming' }
  /** `manual`: it was put back here on purpose, so that only a person starts it again. */
  | { readonly kind: 'backlog'; readonly manual?: true }
  /** `failure` is what the last attempt failed with; the next run is told. */
  | { readonly kind: 'coding'; readonly retries: number; readonly failure?: string }
  /** `resumeTo` is missing in rows of an older version; then it counts as coding. */
  | { readonly kind: 'blocked'; readonly reason: string; readonly resumeTo?: Stage }
  | { readonly kind: 'qa'; readonly retries: number; readonly work: Work }
  | { readonly kind: 'review-hold'; readonly reason: string; readonly resumeTo: Stage }
  /** `since` is when it joined the queue, in ms since the epoch. */
  | {
      readonly kind: 'merge'
      readonly work: Work
      readonly retries: number
      readonly since: number
    }
  /** `attempts` counts the failures in a row, from 1; a merge that is queued again remembers them. */
  | {
      readonly kind: 'merge-failure'
      readonly failure: MergeFailure
      readonly attempts: number
      readonly work: Work
    }
  | { readonly kind: 'merge-failure-final'; readonly failure: MergeFailure; readonly work: Work }
  /** No commit for spikes, epics and what was closed by hand. */
  | { readonly kind: 'done'; readonly at: number; readonly commit?: string }
  /** `from` is what it was archived as: done counts as completed, blocked stays visible. */
  | {
      readonly kind: 'archived'
      readonly at: number
      readonly reason: string
      readonly from: Stage
    }
  | { readonly kind: 'frozen'; readonly resumeTo: Stage }
  | { readonly kind: 'abandoned' }
  | { readonly kind: 'superseded'; readonly by: number }
  | { readonly kind: 'rejected'; readonly reason: string }

export type StageKind = Stage['kind']

/** What may happen to an item. Which event is legal in which stage stands in transition.ts. */
export type StageEvent =
  | { readonly type: 'triage' }
  | { readonly type: 'dependencies-met' }
  | { readonly type: 'start' }
  /** The gates passed on the item's own branch; QA comes next. */
  | { readonly type: 'gates-passed'; readonly work: Work }
  /** The gates passed and the item's QA mode asks for no more. */
  | { readonly type: 'qa-skipped'; readonly work: Work }
  /** `failure` is told to the next run; it is a retry. */
  | { readonly type: 'gates-failed'; readonly failure: string }
  | { readonly type: 'qa-passed' }
  | { readonly type: 'qa-failed'; readonly reason: string }
  | { readonly type: 'hold'; readonly reason: string }
  | { readonly type: 'approve' }
  | { readonly type: 'reject'; readonly reason: string; readonly close: boolean }
  /** The queue took the item up; the stage stays merge. */
  | { readonly type: 'merge-started' }
  /** `repeated` is a step of its gates that failed at first, and passed on the same tree. */
  | { readonly type: 'merged'; readonly commit: string; readonly repeated?: string }
  | { readonly type: 'merge-failed'; readonly failure: MergeFailure }
  /** A recovery agent ended without mending the merge. */
  | { readonly type: 'recovery-attempted' }
  /** A failed merge goes back to a coder with what failed. */
  | { readonly type: 'fix-up'; readonly failure: string }
  /** A failed merge is queued again. */
  | { readonly type: 'requeue' }
  | { readonly type: 'block'; readonly reason: string }
  | { readonly type: 'unblock' }
  | { readonly type: 'freeze' }
  | { readonly type: 'unfreeze' }
  | { readonly type: 'abandon' }
  | { readonly type: 'supersede'; readonly by: number }
  /** Back to the backlog, where it waits for a person. */
  | { readonly type: 'demote' }
  /** Done by hand, without a commit: spikes, epics, and what a person did elsewhere. */
  | { readonly type: 'close' }
  /** A person is content with what is done: it is archived as completed before its time. */
  | { readonly type: 'accept' }
  | { readonly type: 'archive'; readonly reason: string }
  /** A finished item goes back to the backlog; its next work is on a new branch. */
  | { readonly type: 'reopen' }

export type StageEventType = StageEvent['type']
