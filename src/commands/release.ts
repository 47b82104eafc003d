import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import type { Services } from './services.ts'

/** `release N`, after a question: an item whose agent's processes cannot be ended. */
export function release({ pipeline, agents, runs }: Services): Command {
  return defineCommand({
    name: 'release',
    group: 'agents',
    summary: "Give an item free, after a question, though its agent's processes could not be ended",
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['release 3'],
    run: {
      change({ item }, { confirmed }) {
        pipeline.need(item)
        if (confirmed) {
          agents.release(item)
          return `Item ${item} is free again. What its agent left is judged next: see \`status ${item}\`.`
        }
        const stuck = runs.active().find((run) => run.item === item && run.survivors)
        if (!stuck)
          throw new Problem(
            'nothing-to-release',
            `No process of item ${item} resists its end: \`status ${item}\` shows where it stands.`,
          )
        const pids = (stuck.survivors ?? []).join(', ')
        return {
          text: `These processes of ${escapeMarkdown(stuck.agent)} could not be ended: ${pids}. They may still change files of item ${item}, so end them yourself first if you can. Give the item free all the same?`,
          confirm: { yes: 'Release it' },
        }
      },
    },
  })
}
