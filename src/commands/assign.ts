import { z } from 'zod'
import { itemNumber, positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { actorOf } from './actor.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { whoTakesIt } from './who-takes-it.ts'

/** `assign N AGENT`: this agent and no other, also in the place of the one that is at work. */
export function assign(services: Services): Command {
  const { agents, pipeline, runs } = services
  return defineCommand({
    name: 'assign',
    group: 'work',
    summary: 'Say which agent works on an item; another one that does is stopped',
    role: 'member',
    input: z.object({ item: itemNumber, agent: positional(z.string()) }),
    examples: ['assign 3 coder-1'],
    run: {
      change({ item, agent }, context) {
        const before = runs.activeOf(item)
        agents.assign(item, agent, actorOf(context))
        const name = escapeMarkdown(agent)
        if (agents.list().some((known) => known.name === agent && known.role === 'other'))
          return `${name} starts on item ${item}, which stays ${standing(pipeline.need(item).stage)}.`
        if (before?.agent === agent) return `${name} works on item ${item} already.`
        const stopped = runs.activeOf(item)?.stop ? before : undefined
        if (stopped)
          return `${escapeMarkdown(stopped.agent)} is being stopped; ${name} takes item ${item} after that.`
        return `Item ${item} is for ${name} now. ${whoTakesIt(services, item, agent)}`
      },
    },
  })
}
