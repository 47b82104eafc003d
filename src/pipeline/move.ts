import type { ItemType } from './item.ts'
import type { Stage, StageEvent, StageKind } from './stage.ts'
import { transition } from './transition.ts'

/** What an operator can cause by moving an item, the most specific first. */
const byHand = 'moved by hand'
const moves: readonly StageEvent[] = [
  { type: 'unfreeze' },
  { type: 'unblock' },
  { type: 'triage' },
  { type: 'start' },
  { type: 'approve' },
  { type: 'reject', reason: byHand, close: false },
  { type: 'reject', reason: byHand, close: true },
  { type: 'qa-passed' },
  { type: 'qa-failed', reason: byHand },
  { type: 'fix-up', failure: byHand },
  { type: 'hold', reason: byHand },
  { type: 'block', reason: byHand },
  { type: 'freeze' },
  { type: 'demote' },
  { type: 'close' },
  { type: 'accept' },
  { type: 'archive', reason: byHand },
  { type: 'abandon' },
  { type: 'reopen' },
]

/** The event by which an operator moves an item to `target`; undefined where no event leads there. */
export function eventFor(stage: Stage, target: StageKind, type: ItemType): StageEvent | undefined {
  const context = { type, now: 0, returns: 0, maxReturns: Number.POSITIVE_INFINITY }
  return moves.find((event) => {
    const result = transition(stage, event, context)
    return result.ok && result.stage.kind === target
  })
}
