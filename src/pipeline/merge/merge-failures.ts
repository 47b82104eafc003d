import type { Item } from '../item.ts'
import { describeFailure } from '../reason.ts'
import type { GateClass, GateFailure, MergeFailure, StageEvent } from '../stage.ts'

/** What a failed merge is due: an event now, or another look later. */
export type MergeRemedy = { readonly event: StageEvent } | { readonly afterMs: number }

/** What the remedy of a failed merge depends on. */
export interface MergeGround {
  /** The base branch's name. */
  readonly base: string
  /** Whether an agent mends what conflicts. */
  readonly recovers: boolean
  readonly now: number
}

const firstPauseMs = 30_000

/** Whether a coder mends such a failure in a minute, without a new thought about the work. */
export function isTidying(kind: GateClass): boolean {
  return kind === 'format' || kind === 'lint' || kind === 'docs'
}

/**
 * What happens to an item in merge whose gates are red. Format, lint and docs go back to a coder at
 * once. Both sides were green alone, so that what does not build together is a conflict that git
 * cannot see.
 */
export function afterRedGate(gate: GateFailure, base: string): StageEvent {
  if (isTidying(gate.class)) return fixUp({ kind: 'gates', gate }, base)
  if (gate.class !== 'build') return { type: 'merge-failed', failure: { kind: 'gates', gate } }
  const detail = `merged, it does not build.\n${gate.output}`
  return { type: 'merge-failed', failure: { kind: 'conflict', detail } }
}

/**
 * What happens by itself to an item whose merge failed. A conflict waits for the agent that mends
 * it, where there is one. What its coder can mend goes back to the coder, as often as the item may
 * come back; anything else is tried again after a while, which the next stage bounds. Undefined
 * where an agent or a person is to go on.
 */
export function afterFailure(
  { stage, updated }: Pick<Item, 'stage' | 'updated'>,
  { base, recovers, now }: MergeGround,
): MergeRemedy | undefined {
  if (stage.kind !== 'merge-failure') return undefined
  const { failure, attempts } = stage
  switch (failure.kind) {
    case 'conflict':
      return recovers ? undefined : { event: fixUp(failure, base) }
    case 'gates':
      return { event: fixUp(failure, base) }
    case 'other': {
      const due = updated + firstPauseMs * 2 ** (attempts - 1)
      return due <= now ? { event: { type: 'requeue' } } : { afterMs: due - now }
    }
    default:
      return undefined
  }
}

function fixUp(failure: Mendable, base: string): StageEvent {
  const described = describeFailure(failure)
  const told =
    failure.kind === 'conflict'
      ? `${described}\nRun git merge ${base} in your worktree, resolve what conflicts, see to it that the checks pass, and commit.`
      : `Merged with ${base}, ${described}\nRun git merge ${base} in your worktree, mend what fails, and commit.`
  return { type: 'fix-up', failure: told }
}

type Mendable = Extract<MergeFailure, { kind: 'conflict' | 'gates' }>
