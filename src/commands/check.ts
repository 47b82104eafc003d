import { z } from 'zod'
import { itemNumber, option, positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { actorOf } from './actor.ts'
import type { Services } from './services.ts'

/** `check N K`: ticks acceptance criterion K, or unticks it with `--undo`. */
export function check({ pipeline }: Services): Command {
  return defineCommand({
    name: 'check',
    group: 'items',
    summary: 'Tick an acceptance criterion of an item, or untick it with `--undo`',
    role: 'member',
    input: z.object({
      item: itemNumber,
      criterion: positional(z.int().positive(), {
        called: 'K',
        expects: "a criterion's number such as 1",
      }),
      undo: option(z.boolean()).optional(),
    }),
    examples: ['check 3 1', 'check 3 1 --undo'],
    run: {
      change({ item, criterion, undo = false }, context) {
        const { criteria } = pipeline.check(item, criterion, !undo, actorOf(context))
        const met = criteria.filter((each) => each.met).length
        const text = criteria[criterion - 1]?.text
        return `Criterion ${criterion} of item ${item} is ${undo ? 'open again' : 'met'}: ${text} (${met} of ${criteria.length} are met).`
      },
    },
  })
}
