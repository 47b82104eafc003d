import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { nextStep } from './next-step.ts'
import { operate } from './operate.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'

/** `freeze N`: it stays exactly where it is. */
export function freeze({ pipeline }: Services): Command {
  return defineCommand({
    name: 'freeze',
    group: 'work',
    summary: 'Leave an item exactly where it is, its agent stopped',
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['freeze 3'],
    run: {
      change({ item }, context) {
        const { name } = operate(pipeline, item, { type: 'freeze' }, context, 'freeze')
        return `Item ${item} is frozen: ${escapeMarkdown(name)}. ${nextStep(pipeline, item)}`
      },
    },
  })
}

/** `unfreeze N`: on from exactly where it was frozen. */
export function unfreeze({ pipeline }: Services): Command {
  return defineCommand({
    name: 'unfreeze',
    group: 'work',
    summary: 'Let a frozen item go on from exactly where it was',
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['unfreeze 3'],
    run: {
      change({ item }, context) {
        const { stage } = operate(pipeline, item, { type: 'unfreeze' }, context, 'unfreeze')
        return `Item ${item} is ${standing(stage)} again. ${nextStep(pipeline, item)}`
      },
    },
  })
}
