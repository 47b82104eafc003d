import { z } from 'zod'
import { allows } from '../bot/access.ts'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import { actorOf } from './actor.ts'
import type { Services } from './services.ts'

/** `stop`: what this chat is answering; `stop N`: the item's agent. */
export function stop({ agents, chat }: Services): Command {
  return defineCommand({
    name: 'stop',
    group: 'work',
    summary: "Stop what is being answered in this chat; with a number, the item's agent",
    role: 'viewer',
    input: z.object({ item: itemNumber.optional() }),
    examples: ['stop', 'stop 3'],
    control: true,
    run: {
      async answer({ item }, context) {
        if (item === undefined)
          return (await chat.cancel(context.session))
            ? 'Stopped.'
            : 'Nothing is running in this chat.'
        if (!allows(context.role, 'member'))
          throw new Problem('not-allowed', 'Only members may stop an agent: ask one of them.')
        const { agent } = agents.stop(item, actorOf(context))
        return `${escapeMarkdown(agent)} is being stopped, and item ${item} is blocked then. Let it go on with \`unblock ${item}\`.`
      },
    },
  })
}
