import { z } from 'zod'
import { itemNumber, positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import { dependencyState } from '../pipeline/dependencies.ts'
import type { Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { actorOf } from './actor.ts'
import { operate } from './operate.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { whoTakesIt } from './who-takes-it.ts'
import { enumerated, titled } from './wording.ts'

/** `start N [agent]`: into coding, where an agent takes it; a failed merge is tried again. */
export function start(services: Services): Command {
  const { pipeline, agents } = services
  return defineCommand({
    name: 'start',
    group: 'work',
    summary: 'Have an item worked on, or its failed merge tried again',
    role: 'member',
    input: z.object({ item: itemNumber, agent: positional(z.string()).optional() }),
    examples: ['start 3', 'start 3 coder-1'],
    run: {
      change({ item: id, agent }, context) {
        const item = pipeline.need(id)
        refuseToStart(item, pipeline)
        const named = agents.list().find(({ name }) => name === agent)
        if (named?.role === 'other') {
          agents.assign(id, named.name, actorOf(context))
          return `${escapeMarkdown(named.name)} starts on item ${id}, which stays ${standing(item.stage)}.`
        }
        const isCoded = item.stage.kind === 'coding'
        if (isCoded && agent === undefined) return underWay(services, item)
        const { stage } = isCoded
          ? item
          : operate(pipeline, id, { type: 'start' }, context, 'start')
        if (agent !== undefined) agents.assign(id, agent, actorOf(context))
        const again = stage.kind === 'merge' ? ' again' : ''
        return `Item ${id} is ${standing(stage)}${again}: ${escapeMarkdown(item.name)}. ${whoTakesIt(services, id, agent)}`
      },
    },
  })
}

function refuseToStart(item: Item, pipeline: Pipeline): void {
  const { id, stage, type } = item
  if (type === 'epic') {
    const members = pipeline.members(id)
    const which = members.length > 0 ? `: ${members.map(titled).join(', ')}` : ''
    throw new Problem(
      'epic-not-started',
      `Item ${id} is an epic, which groups items and is never started: start one of its items${which}.`,
    )
  }
  if (stage.kind === 'done' || stage.kind === 'archived')
    throw new Problem(
      'already-done',
      `Item ${id} is ${standing(stage)}: \`move ${id} backlog\` reopens it, if it is to be done again.`,
    )
  if (stage.kind !== 'backlog' && stage.kind !== 'upcoming') return
  const { open } = dependencyState(item, (other) => pipeline.get(other))
  if (open.length > 0)
    throw new Problem(
      'dependencies-open',
      `Item ${id} waits for ${enumerated(open)} and starts by itself after that: \`depends ${id}\` clears what it waits for, and \`move ${id} coding\` starts it all the same.`,
    )
}

function underWay({ runs, agents }: Services, { id, stage }: Item): string {
  const run = runs.activeOf(id)
  if (run)
    return `Item ${id} is ${standing(stage)} already, with ${escapeMarkdown(run.agent)}: follow it with \`log ${id}\`.`
  const why = agents.why(id)
  return `Item ${id} is ${standing(stage)} already, and an agent takes it ${why ? `later: ${why}` : 'next'}.`
}
