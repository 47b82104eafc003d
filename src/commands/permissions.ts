import { z } from 'zod'
import { coverageOf } from '../agents/tools/permission-rules.ts'
import { option } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import type { Services } from './services.ts'

/** `permissions`: what agents may do without asking, and how to take that back. */
export function permissions({ permissionRules }: Services): Command {
  return defineCommand({
    name: 'permissions',
    group: 'agents',
    summary: 'List what agents may do without asking, or take a rule back with `forget K`',
    role: 'admin',
    byHand: true,
    input: z.object({
      forget: option(z.int().positive(), {
        called: 'K',
        expects: "a rule's number such as 1",
      }).optional(),
    }),
    examples: ['permissions', 'permissions forget 2'],
    run: {
      change({ forget }) {
        if (forget === undefined) return listed(permissionRules.all())
        const rule = permissionRules.remove(forget)
        if (!rule)
          throw new Problem(
            'no-such-rule',
            `There is no rule ${forget}: \`permissions\` lists them.`,
          )
        return `Rule ${forget} is gone: agents ask again for ${coverageOf(rule)}.`
      },
    },
  })
}

function listed(rules: ReturnType<Services['permissionRules']['all']>): string {
  if (rules.length === 0)
    return 'No rules: agents ask for everything that their own settings do not allow.'
  return rules
    .map((rule) => `${rule.number}. ${coverageOf(rule)}, by ${escapeMarkdown(rule.by.name)}`)
    .join('\n')
}
