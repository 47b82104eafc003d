import type { Item, Priority } from '../item.ts'

/** How much later than a more urgent item one of this priority counts as having arrived. */
const handicapMs: { readonly [P in Priority]: number } = {
  high: 0,
  normal: 30 * 60_000,
  low: 120 * 60_000,
}

/**
 * The merge queue: the items in merge in the order in which they are to land. Within a priority
 * that is the order of arrival; an item that has waited long enough goes before a more urgent one
 * that has just come, so that none waits for ever.
 */
export function mergeOrder(items: readonly Item[]): Item[] {
  return items
    .flatMap((item) =>
      item.stage.kind === 'merge'
        ? [{ item, rank: item.stage.since + handicapMs[item.priority] }]
        : [],
    )
    .sort((a, b) => a.rank - b.rank || a.item.id - b.item.id)
    .map(({ item }) => item)
}
