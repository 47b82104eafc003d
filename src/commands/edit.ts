import { z } from 'zod'
import { body, itemNumber, option, rest } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import { qaModes } from '../pipeline/item.ts'
import { actorOf } from './actor.ts'
import type { Services } from './services.ts'

/** `edit N TITLE` and further lines: another title, another text. */
export function edit({ pipeline }: Services): Command {
  return defineCommand({
    name: 'edit',
    group: 'items',
    summary: "Change an item's title, its text (the further lines) or who judges it",
    role: 'member',
    input: z.object({
      item: itemNumber,
      qa: option(z.enum(qaModes).describe('Who judges it')).optional(),
      title: rest(z.string().describe('The new title')).optional(),
      body: body(z.string().describe('the whole new text')).optional(),
    }),
    examples: ['edit 3 Add a friendly greeting', 'edit 3 qa human', 'edit 3\n- [ ] says hello'],
    run: {
      change({ item, qa, title, body }, context) {
        if (qa === undefined && title === undefined && body === undefined)
          throw new Problem(
            'nothing-to-edit',
            `Say what to change: \`edit ${item} NEW TITLE\`, the new text in further lines, or both.`,
          )
        const edited = pipeline.edit(
          item,
          {
            ...(title !== undefined && { name: title }),
            ...(body !== undefined && { body }),
            ...(qa && { qa }),
          },
          actorOf(context),
        )
        return `Item ${item} is changed: ${escapeMarkdown(edited.name)}. See it with \`show ${item}\`.`
      },
    },
  })
}
