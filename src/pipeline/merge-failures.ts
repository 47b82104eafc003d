import type { Item } from './item.ts'
import { describeFailure } from './reason.ts'
import type { StageEvent } from './stage.ts'

/** What a failed merge is due: an event now, or another look later. */
export type MergeRemedy = { readonly event: StageEvent } | { readonly afterMs: number }

const firstPauseMs = 30_000

/**
 * What happens by itself to an item whose merge failed. What its coder can mend goes back to the
 * coder, as often as the item may come back; anything else is tried again after a while, which the
 * next stage bounds. Undefined where only a person can go on.
 */
export function afterFailure(
  { stage, updated }: Pick<Item, 'stage' | 'updated'>,
  base: string,
  now: number,
): MergeRemedy | undefined {
  if (stage.kind !== 'merge-failure') return undefined
  const { failure, attempts } = stage
  const described = describeFailure(failure)
  switch (failure.kind) {
    case 'conflict':
      return {
        event: {
          type: 'fix-up',
          failure: `${described}\nRun git merge ${base} in your worktree, resolve what conflicts, see to it that the checks pass, and commit.`,
        },
      }
    case 'gates':
      return {
        event: {
          type: 'fix-up',
          failure: `Merged with ${base}, ${described}\nRun git merge ${base} in your worktree, mend what fails, and commit.`,
        },
      }
    case 'other': {
      const due = updated + firstPauseMs * 2 ** (attempts - 1)
      return due <= now ? { event: { type: 'requeue' } } : { afterMs: due - now }
    }
    default:
      return undefined
  }
}
