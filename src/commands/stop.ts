import { z } from 'zod'
import type { Stopped } from '../agents/agents.ts'
import { allows } from '../bot/access.ts'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import { actorOf } from './actor.ts'
import type { Services } from './services.ts'

/** `stop`: what this chat is answering; `stop N`: the item's agents, and those that wait for a limit. */
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
        return report(item, agents.stop(item, actorOf(context)))
      },
    },
  })
}

function report(item: number, { stopped, calledOff, blocks }: Stopped): string {
  const goOn = `Let it go on with \`unblock ${item}\`.`
  const ending = stopped.length > 1 ? 'are being stopped' : 'is being stopped'
  const rest = blocks ? `, and item ${item} is blocked then. ${goOn}` : '. The item stays as it is.'
  const sentences = [
    ...(stopped.length > 0 ? [`${named(stopped)} ${ending}${rest}`] : []),
    ...(stopped.length === 0 && blocks
      ? [`Item ${item} waits no more: it is blocked. ${goOn}`]
      : []),
    ...(calledOff.length > 0
      ? [`Called off: ${named(calledOff)}, waiting for the end of a limit.`]
      : []),
  ]
  return sentences.join(' ')
}

function named(agents: readonly string[]): string {
  return escapeMarkdown(agents.join(' and '))
}
