import { z } from 'zod'
import { positional } from '../bot/arguments.ts'
import { type Command, defineCommand, roles } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import type { Services } from './services.ts'

/** `admit CODE`: lets a stranger in who was told that code. */
export function admit({ guests }: Services): Command {
  return defineCommand({
    name: 'admit',
    group: 'chat',
    summary: 'Let somebody in who was told a code',
    role: 'admin',
    byHand: true,
    input: z.object({
      code: positional(z.string(), { called: 'CODE' }),
      role: positional(z.enum(roles).default('member')),
    }),
    examples: ['admit K7QF-29XM', 'admit K7QF-29XM viewer'],
    run: {
      change({ code, role }, { asker }) {
        const { id, name } = guests.admit(code, role, asker)
        return `${escapeMarkdown(name)} (\`${id}\`) is let in, with the role ${role}.`
      },
    },
  })
}
