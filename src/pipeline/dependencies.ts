import type { Item } from './item.ts'
import type { Find } from './item-rules.ts'
import { unpaused } from './paused.ts'

/** What an item's dependencies say of it. */
export interface DependencyState {
  /** Those that it still waits for. */
  readonly open: readonly number[]
  /** Those that can never be satisfied as things stand, each with a sentence that says why. */
  readonly never: readonly { readonly id: number; readonly why: string }[]
  /** Sentences on what counts as satisfied and may surprise. */
  readonly warnings: readonly string[]
}

/** What stands between an item and its start. Dependencies that `find` does not find were deleted. */
export function dependencyState(
  item: Pick<Item, 'dependsOn' | 'created'>,
  find: Find,
): DependencyState {
  const open: number[] = []
  const never: { id: number; why: string }[] = []
  const warnings: string[] = []
  for (const id of item.dependsOn) {
    const verdict = judge(id, find(id), item.created)
    if (verdict.kind === 'open') open.push(id)
    if (verdict.kind === 'never') never.push({ id, why: verdict.why })
    if (verdict.kind === 'satisfied' && verdict.warning) warnings.push(verdict.warning)
  }
  return { open, never, warnings }
}

/**
 * Whether an item starts by itself now: it waits in the backlog for dependencies, and all of them
 * are satisfied. Without dependencies, or put back by hand, it waits for a person; an epic never
 * starts.
 */
export function startsByItself(item: Item, find: Find): boolean {
  const { stage, type, dependsOn } = item
  const waits = stage.kind === 'upcoming' || (stage.kind === 'backlog' && !stage.manual)
  if (!waits || type === 'epic' || dependsOn.length === 0) return false
  const { open, never } = dependencyState(item, find)
  return open.length === 0 && never.length === 0
}

type Verdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'never'; readonly why: string }
  | { readonly kind: 'satisfied'; readonly warning?: string }

function judge(id: number, dependency: Item | undefined, dependentCreated: number): Verdict {
  if (!dependency) return { kind: 'never', why: `#${id} was deleted.` }
  // A finished item that is frozen is finished all the same.
  const stage = unpaused(dependency.stage)
  switch (stage.kind) {
    case 'done':
      return { kind: 'satisfied' }
    case 'abandoned':
      return { kind: 'never', why: `#${id} was abandoned.` }
    case 'superseded':
      return { kind: 'never', why: `#${id} was superseded by #${stage.by}.` }
    case 'rejected':
      return { kind: 'never', why: `#${id} was rejected.` }
    case 'archived': {
      const before = judge(id, { ...dependency, stage: stage.from }, dependentCreated)
      if (before.kind === 'never') return before
      if (stage.at < dependentCreated && stage.from.kind !== 'blocked')
        return {
          kind: 'satisfied',
          warning: `#${id} was archived already when this item was created, and counts as done.`,
        }
      return before.kind === 'satisfied'
        ? before
        : { kind: 'never', why: `#${id} was archived before it was done.` }
    }
    default:
      return { kind: 'open' }
  }
}
