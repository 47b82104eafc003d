import { z } from 'zod'
import { itemNumber, rest } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { nextStep } from './next-step.ts'
import { operate } from './operate.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { sentence } from './wording.ts'

/** `block N REASON`: nobody works on it until `unblock N`. */
export function block({ pipeline }: Services): Command {
  return defineCommand({
    name: 'block',
    group: 'work',
    summary: 'Stop work on an item until it is unblocked, and say why',
    role: 'member',
    input: z.object({ item: itemNumber, reason: rest(z.string()) }),
    examples: ['block 3 The service is down'],
    run: {
      change({ item, reason }, context) {
        operate(pipeline, item, { type: 'block', reason }, context, 'block')
        return `Item ${item} is blocked: ${sentence(reason)} ${nextStep(pipeline, item)}`
      },
    },
  })
}

/** `unblock N`: on from where it was blocked, with fresh counters. */
export function unblock({ pipeline }: Services): Command {
  return defineCommand({
    name: 'unblock',
    group: 'work',
    summary: 'Let a blocked item go on, its retries and returns counted anew',
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['unblock 3'],
    run: {
      change({ item }, context) {
        const { stage } = operate(pipeline, item, { type: 'unblock' }, context, 'unblock')
        return `Item ${item} is ${standing(stage)} again. ${nextStep(pipeline, item)}`
      },
    },
  })
}
