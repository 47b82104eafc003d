import { z } from 'zod'
import { allows } from '../bot/access.ts'
import { positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { helpList, helpOf } from '../bot/help.ts'
import { Problem } from '../kernel/problem.ts'

/** `help` and `help COMMAND`, made from the commands themselves; what the asker may not do is left out. */
export function help(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: 'help',
    group: 'chat',
    summary: 'Show all commands, or one in full',
    role: 'viewer',
    personal: true,
    input: z.object({ command: positional(z.string()).optional() }),
    examples: ['help', 'help story'],
    run: {
      change({ command: wanted }, { role }) {
        if (wanted === undefined) return helpList(commands(), role)
        const name = wanted.toLowerCase()
        const command = commands().find((each) =>
          [each.name, ...(each.aliases ?? [])].includes(name),
        )
        if (command && allows(role, command.role)) return helpOf(command)
        throw new Problem(
          'no-such-command',
          `There is no command \`${wanted}\` for you: \`help\` lists those that there are.`,
        )
      },
    },
  })
}
