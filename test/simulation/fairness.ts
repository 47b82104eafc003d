import type { Assembly } from '../../src/assembly.ts'
import type { Item } from '../../src/pipeline/item.ts'
import { mergeOrder } from '../../src/pipeline/merge/merge-order.ts'

/**
 * Sees whether the merge queue takes up another item than the one whose turn it is. Those that follow it
 * in a train may have been overtaken meanwhile.
 */
export function watchFairness(
  { pipeline, services }: Assembly,
  breaks: (promise: string) => void,
): void {
  const isBegun = ({ id }: Item) =>
    pipeline.history(id).findLast(({ event }) => event !== 'edit')?.event === 'merge-started'
  pipeline.witness(({ item, entry }) => {
    if (entry.event !== 'merge-started') return
    const others = pipeline
      .inStage('merge')
      .filter(({ id }) => id !== item.id && !services.mergeQueue.waiting(id))
    const [first] = mergeOrder([...others, item])
    if (first?.id !== item.id && !others.some(isBegun))
      breaks(`#${item.id} is taken up, and it is the turn of #${first?.id}`)
  })
}
