import { z } from 'zod'
import { itemNumber, option, rest } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import type { Item } from '../pipeline/item.ts'
import type { StageEvent } from '../pipeline/stage.ts'
import { nextStep } from './next-step.ts'
import { operate } from './operate.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { sentence } from './wording.ts'

/** `approve N`: what is reviewed goes on to merge; a spike is done. */
export function approve({ pipeline }: Services): Command {
  return defineCommand({
    name: 'approve',
    group: 'work',
    summary: 'End a review: the item goes on to merge, and a spike is done',
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['approve 3'],
    run: {
      change({ item }, context) {
        const inQa = pipeline.need(item).stage.kind === 'qa'
        const event = { type: inQa ? 'qa-passed' : 'approve' } as const
        const { stage } = operate(pipeline, item, event, context, 'approve')
        return `Item ${item} is approved and ${standing(stage)}. ${nextStep(pipeline, item)}`
      },
    },
  })
}

/** `reject N REASON`: back to coding with the reason; with `--close` it is closed. */
export function reject({ pipeline }: Services): Command {
  return defineCommand({
    name: 'reject',
    group: 'work',
    summary: 'Send an item back to coding with your reason, or after a review close it for good',
    role: 'member',
    input: z.object({
      item: itemNumber,
      reason: rest(z.string().describe('What is wrong; the next agent is told')),
      close: option(z.boolean().describe('Close it instead')).optional(),
    }),
    examples: ['reject 3 The full stop is missing', 'reject 3 --close Nobody needs it'],
    run: {
      change({ item, reason, close = false }, context) {
        const event = rejection(pipeline.need(item), reason, close)
        const { stage } = operate(pipeline, item, event, context, 'reject')
        const where = stage.kind === 'rejected' ? 'and closed' : `and ${standing(stage)}`
        return `Item ${item} is rejected ${where}: ${sentence(reason)} ${nextStep(pipeline, item)}`
      },
    },
  })
}

/** What sends the item back with a reason, wherever between coding and done it stands. */
function rejection({ stage }: Item, reason: string, close: boolean): StageEvent {
  if (!close && stage.kind === 'qa') return { type: 'qa-failed', reason }
  const isMerge =
    stage.kind === 'merge' || stage.kind === 'merge-failure' || stage.kind === 'merge-failure-final'
  return !close && isMerge ? { type: 'fix-up', failure: reason } : { type: 'reject', reason, close }
}
