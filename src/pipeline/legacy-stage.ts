import { branchOf, type Item } from './item.ts'
import type { Stage } from './stage.ts'

/** What an older program or file says of where an item stands. */
export interface LegacyPlace {
  /** A stage or column by an old name or by ours: `2_current`, `current`, `coding`. */
  readonly name: string
  /** What was special about it: `blocked`, `review-hold`. */
  readonly badge?: string | undefined
  readonly reason?: string | undefined
  /** When the item was last changed, in ms since the epoch. */
  readonly at: number
  readonly item: Pick<Item, 'id' | 'generation'>
}

const oldReason = 'An older version has stored no reason.'

/**
 * The stage that an old name and badge mean; undefined for words that none of our versions used.
 * What is finished stays finished. What the old form does not say gets the value that is judged
 * again: a branch that waits for its merge is looked at before anything lands.
 */
export function readLegacyStage(place: LegacyPlace): Stage | undefined {
  const name = place.name.replace(/^[1-6]_/, '').replaceAll('_', '-')
  const badge = place.badge?.replaceAll('_', '-') || 'active'
  const column = stageOfColumn(name, place)
  if (!column) return stageOfBadge(name === 'closed' ? badge : name, undefined, place)
  if (badge === 'active' || column.kind === 'done') return column
  if (column.kind !== 'archived') return stageOfBadge(badge, column, place)
  const from = stageOfBadge(badge, undefined, place) ?? stageOfColumn(badge, place)
  return from && { ...column, from }
}

function stageOfColumn(
  name: string,
  { at, item, reason = oldReason }: LegacyPlace,
): Stage | undefined {
  const work = { branch: branchOf(item), ahead: 1 }
  switch (name) {
    case 'upcoming':
    case 'backlog':
      return { kind: name }
    case 'current':
    case 'coding':
      return { kind: 'coding', retries: 0 }
    case 'qa':
      return { kind: 'qa', retries: 0, work }
    case 'merge':
      return { kind: 'merge', work, retries: 0, since: at }
    case 'done':
      return { kind: 'done', at }
    case 'archived':
      return { kind: 'archived', at, reason, from: { kind: 'done', at } }
    default:
      return undefined
  }
}

/** The stage that a badge stands for, in the column where one is known. */
function stageOfBadge(
  badge: string,
  column: Stage | undefined,
  { item, reason = oldReason }: LegacyPlace,
): Stage | undefined {
  const work = { branch: branchOf(item), ahead: 1 }
  const resumeTo: Stage = column ?? { kind: 'coding', retries: 0 }
  switch (badge) {
    case 'blocked':
      return { kind: badge, reason, ...(column && { resumeTo: column }) }
    case 'frozen':
      return { kind: badge, resumeTo }
    case 'review-hold':
      return { kind: badge, reason, resumeTo: column ?? { kind: 'qa', retries: 0, work } }
    case 'merge-failure':
      return { kind: badge, failure: { kind: 'other', detail: reason }, attempts: 1, work }
    case 'merge-failure-final':
      return { kind: badge, failure: { kind: 'other', detail: reason }, work }
    case 'abandoned':
      return { kind: badge }
    case 'rejected':
      return { kind: badge, reason }
    // By what is not said in the old form, and an item has to be named.
    case 'superseded':
      return { kind: 'abandoned' }
    default:
      return undefined
  }
}
