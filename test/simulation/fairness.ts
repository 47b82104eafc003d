import type { Assembly } from '../../src/assembly.ts'
import { mergeOrder } from '../../src/pipeline/merge-order.ts'

/** Those that are judged together land before one that has become the first meanwhile. */
const mostAhead = 4

/** Sees whether an item in the merge queue is passed over again and again, though nothing keeps it. */
export function watchFairness(
  { pipeline, services }: Assembly,
  breaks: (promise: string) => void,
): void {
  const passedOver = new Map<number, number>()
  pipeline.witness(({ item, entry }) => {
    passedOver.delete(item.id)
    if (entry.event !== 'merged') return
    const queue = pipeline.inStage('merge').filter(({ id }) => !services.mergeQueue.waiting(id))
    const [first] = mergeOrder(queue.filter(({ id }) => id !== item.id))
    if (!first) return
    const times = (passedOver.get(first.id) ?? 0) + 1
    passedOver.set(first.id, times)
    if (times > mostAhead) breaks(`#${first.id} is to land first, and ${times} landed before it`)
  })
}
