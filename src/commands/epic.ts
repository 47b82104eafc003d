import { z } from 'zod'
import { type Command, type CommandContext, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { actorOf } from './actor.ts'
import { createItem, texts } from './create.ts'
import type { Services } from './services.ts'

/** `epic TITLE`: a new epic; `epic N [M]`: item N belongs to epic M, or to none. */
export function epic({ pipeline }: Services): Command {
  return defineCommand({
    name: 'epic',
    group: 'items',
    summary:
      'Make an epic, which groups items; or `epic N [M]`: put item N under epic M, or under none',
    role: 'member',
    input: z.object(texts),
    examples: ['epic A friendlier start', 'epic 3 7'],
    run: {
      change(input, context) {
        const numbers = /^#?(\d+)(?:\s+#?(\d+))?$/.exec(input.title)
        if (!numbers) return createItem(pipeline, { type: 'epic', ...input }, context)
        const group = numbers[2] === undefined ? null : Number(numbers[2])
        return putUnder(pipeline, Number(numbers[1]), group, context)
      },
    },
  })
}

function putUnder(
  pipeline: Pipeline,
  item: number,
  group: number | null,
  context: CommandContext,
): string {
  pipeline.edit(item, { epic: group }, actorOf(context))
  return group === null
    ? `Item ${item} belongs to no epic now.`
    : `Item ${item} belongs to epic ${group} now: ${escapeMarkdown(pipeline.need(group).name)}.`
}
