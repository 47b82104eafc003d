import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import type { Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { nameOf } from './actor.ts'
import { epicProgress } from './epic-progress.ts'
import type { Services } from './services.ts'
import { standingAndWhy } from './standing.ts'
import { dateTime } from './time.ts'
import { titled } from './wording.ts'

/** `show N`: an item's own text, and what was said of it. */
export function show({ pipeline }: Services): Command {
  return defineCommand({
    name: 'show',
    group: 'look',
    summary: "Show an item's text",
    role: 'viewer',
    input: z.object({ item: itemNumber }),
    examples: ['show 3'],
    run: {
      change({ item }) {
        const shown = pipeline.need(item)
        return [`**${titled(shown)}**`, shown.body, facts(shown, pipeline).join('\n')]
          .filter((part) => part !== '')
          .join('\n\n')
      },
    },
  })
}

function facts(item: Item, pipeline: Pipeline): string[] {
  const named = (id: number) => {
    const other = pipeline.get(id)
    return other ? titled(other) : `#${id} (deleted)`
  }
  return [
    `- ${item.type}, ${standingAndWhy(item.stage)}`,
    ...(item.priority === 'normal' ? [] : [`- priority: ${item.priority}`]),
    ...(item.qa ? [`- qa: ${item.qa}`] : []),
    ...(item.agent ? [`- agent: ${item.agent}`] : []),
    ...(item.dependsOn.length > 0 ? [`- depends on: ${item.dependsOn.map(named).join(', ')}`] : []),
    ...(item.epic === undefined ? [] : [`- epic: ${named(item.epic)}`]),
    ...epicProgress(item, pipeline).map((line) => `- ${line}`),
    `- created by ${nameOf(item.origin)} at ${dateTime(item.created)}`,
  ]
}
