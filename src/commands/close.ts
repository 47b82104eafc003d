import { z } from 'zod'
import { itemNumber, positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { nextStep } from './next-step.ts'
import { operate } from './operate.ts'
import type { Services } from './services.ts'
import { titled } from './wording.ts'

/** `close N`: done by hand, with nothing to merge. */
export function close({ pipeline }: Services): Command {
  return defineCommand({
    name: 'close',
    group: 'work',
    summary:
      'Count an item as done though nothing is merged: a spike, an epic, work done elsewhere',
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['close 3'],
    run: {
      change({ item }, context) {
        const { name } = operate(pipeline, item, { type: 'close' }, context, 'close')
        return `Item ${item} is done by hand, and nothing is merged: ${escapeMarkdown(name)}. ${nextStep(pipeline, item)}`
      },
    },
  })
}

/** `abandon N`: nobody will do it. */
export function abandon({ pipeline }: Services): Command {
  return defineCommand({
    name: 'abandon',
    group: 'work',
    summary: 'Close an item that nobody will do; its work so far can be recovered',
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['abandon 3'],
    run: {
      change({ item }, context) {
        const { name } = operate(pipeline, item, { type: 'abandon' }, context, 'abandon')
        return `Item ${item} is abandoned: ${escapeMarkdown(name)}. ${nextStep(pipeline, item)}`
      },
    },
  })
}

/** `supersede N M`: item M takes the place of item N. */
export function supersede({ pipeline }: Services): Command {
  return defineCommand({
    name: 'supersede',
    group: 'work',
    summary: 'Close an item because another one takes its place',
    role: 'member',
    input: z.object({ item: itemNumber, by: positional(itemNumber, { called: 'M' }) }),
    examples: ['supersede 3 7'],
    run: {
      change({ item, by }, context) {
        operate(pipeline, item, { type: 'supersede', by }, context, 'supersede')
        const successor = titled(pipeline.need(by))
        return `Item ${item} is superseded by ${successor}. ${nextStep(pipeline, item)}`
      },
    },
  })
}
