import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { priorities } from '../pipeline/item.ts'
import { actorOf } from './actor.ts'
import type { Services } from './services.ts'

/** `priority N high`: which of two items gets a free agent, and which merges first. */
export function priority({ pipeline }: Services): Command {
  return defineCommand({
    name: 'priority',
    group: 'items',
    summary: 'Say how urgent an item is: agents and the merge queue take urgent items first',
    role: 'member',
    input: z.object({ item: itemNumber, priority: z.enum(priorities) }),
    examples: ['priority 3 high'],
    run: {
      change({ item, priority }, context) {
        const { name } = pipeline.edit(item, { priority }, actorOf(context))
        return `Item ${item} has ${priority} priority now: ${escapeMarkdown(name)}.`
      },
    },
  })
}
