import { z } from 'zod'
import { itemNumber, rest } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { nextStep } from './next-step.ts'
import { operate } from './operate.ts'
import type { Services } from './services.ts'
import { sentence } from './wording.ts'

/** `hold N REASON`: a person looks before it goes on. */
export function hold({ pipeline }: Services): Command {
  return defineCommand({
    name: 'hold',
    group: 'work',
    summary: 'Hold an item for a review by a person, and say why',
    role: 'member',
    input: z.object({ item: itemNumber, reason: rest(z.string()) }),
    examples: ['hold 3 Anna wants to see the colours'],
    run: {
      change({ item, reason }, context) {
        operate(pipeline, item, { type: 'hold', reason }, context, 'hold')
        return `Item ${item} is held for review: ${sentence(reason)} ${nextStep(pipeline, item)}`
      },
    },
  })
}
