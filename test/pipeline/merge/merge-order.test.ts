import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Item, priorities } from '../../../src/pipeline/item.ts'
import { mergeOrder } from '../../../src/pipeline/merge/merge-order.ts'
import { itemWith, work } from '../samples.ts'

const minute = 60_000
/** So much later than another an item may come at most, and still go first. */
const bound = 120 * minute

const arrival = fc.record({
  since: fc.nat(600 * minute),
  priority: fc.constantFrom(...priorities),
  /** How long its gates take. */
  takes: fc.integer({ min: 1, max: 60 * minute }),
})
type Arrival = typeof arrival extends fc.Arbitrary<infer T> ? T : never

/** When each lands, by its index: one after another, whoever `next` picks of those that are there. */
function landings(
  arrivals: readonly Arrival[],
  next: (queue: readonly Item[]) => Item | undefined,
): number[] {
  const items = arrivals.map(({ since, priority }, id) =>
    itemWith({ id, priority, stage: { kind: 'merge', work, retries: 0, since } }),
  )
  const landed: number[] = []
  const waiting = new Set(items)
  for (let now = 0; waiting.size > 0; ) {
    const there = [...waiting].filter((item) => sinceOf(item) <= now)
    const one = next(there)
    if (!one) {
      now = Math.min(...[...waiting].map(sinceOf))
      continue
    }
    now += arrivals[one.id]?.takes ?? 0
    landed[one.id] = now
    waiting.delete(one)
  }
  return landed
}

function sinceOf({ stage }: Item): number {
  return stage.kind === 'merge' ? stage.since : 0
}

function inOrderOfArrival(queue: readonly Item[]): Item | undefined {
  return queue.toSorted((a, b) => sinceOf(a) - sinceOf(b) || a.id - b.id)[0]
}

test('nobody waits for ever: what goes before an item has come two hours after it at most', () => {
  const law = fc.property(fc.array(arrival, { maxLength: 30 }), (arrivals) => {
    const ours = landings(arrivals, (queue) => mergeOrder(queue)[0])
    for (const [one, { since }] of arrivals.entries())
      for (const [other, later] of arrivals.entries())
        if ((ours[other] ?? 0) < (ours[one] ?? 0))
          expect(later.since).toBeLessThanOrEqual(since + bound)
  })
  fc.assert(law)
})

test('the longest wait is that of a plain queue, and the work of those that came within two hours', () => {
  const law = fc.property(fc.array(arrival, { maxLength: 30 }), (arrivals) => {
    const ours = landings(arrivals, (queue) => mergeOrder(queue)[0])
    const plain = landings(arrivals, inOrderOfArrival)
    for (const [one, { since }] of arrivals.entries()) {
      const overtaking = arrivals.filter(
        (later) => later.since >= since && later.since <= since + bound,
      )
      const more = overtaking.reduce((sum, { takes }) => sum + takes, 0)
      // What is under way is never cut short, in either queue: it may be the longest there is.
      const underWay = Math.max(0, ...arrivals.map(({ takes }) => takes))
      expect(ours[one]).toBeLessThanOrEqual((plain[one] ?? 0) + more + underWay)
    }
  })
  fc.assert(law)
})

test('within a priority the order is that of arrival, and every item is in it once', () => {
  const law = fc.property(fc.array(arrival), (arrivals) => {
    const items = arrivals.map(({ since, priority }, id) =>
      itemWith({ id, priority, stage: { kind: 'merge', work, retries: 0, since } }),
    )
    const order = mergeOrder(items)
    expect(order.toSorted((a, b) => a.id - b.id)).toEqual(items)
    for (const priority of priorities) {
      const same = order.filter((item) => item.priority === priority)
      expect(same).toEqual(same.toSorted((a, b) => sinceOf(a) - sinceOf(b) || a.id - b.id))
    }
  })
  fc.assert(law)
})
