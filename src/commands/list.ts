import { z } from 'zod'
import { type Command, defineCommand } from '../bot/command.ts'
import type { Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { howItStarts } from './next-step.ts'
import type { Services } from './services.ts'
import { standingAndWhy } from './standing.ts'
import { titled } from './wording.ts'

const empty = 'Nothing yet. Begin with `story TITLE`.'

/** `list`: every item that is not archived, a line each. */
export function list({ pipeline }: Services): Command {
  return defineCommand({
    name: 'list',
    group: 'look',
    summary: 'List all items that are not archived',
    role: 'viewer',
    input: z.object({}),
    examples: ['list'],
    run: {
      change() {
        const items = pipeline.live().filter(({ stage }) => stage.kind !== 'archived')
        return items.length === 0 ? empty : items.map(itemLine).join('\n')
      },
    },
  })
}

/** `backlog`: what waits, and for what. */
export function backlog({ pipeline }: Services): Command {
  return defineCommand({
    name: 'backlog',
    group: 'look',
    summary: 'List what waits in the backlog, and for what',
    role: 'viewer',
    input: z.object({}),
    examples: ['backlog'],
    run: {
      change() {
        const items = [...pipeline.inStage('upcoming'), ...pipeline.inStage('backlog')]
        if (items.length === 0) return 'The backlog is empty. Fill it with `story TITLE`.'
        return items.map((item) => backlogLine(pipeline, item)).join('\n')
      },
    },
  })
}

/** An item in one line: number, name, type, where it stands and why. */
export function itemLine(item: Item): string {
  return `- ${titled(item)} (${item.type}, ${standingAndWhy(item.stage)})`
}

function backlogLine(pipeline: Pipeline, item: Item): string {
  const urgent = item.priority === 'normal' ? '' : `, ${item.priority} priority`
  return `- ${titled(item)} (${item.type}${urgent}). ${howItStarts(pipeline, item)}`
}
