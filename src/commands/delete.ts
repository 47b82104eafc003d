import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { actorOf } from './actor.ts'
import type { Services } from './services.ts'
import { enumerated } from './wording.ts'

/**
 * `delete N`, after a question. The item goes at once and for good; its agent and its worktree
 * follow, since reconcilers end what belongs to no item.
 */
export function deleteItem({ pipeline, runs, worktrees }: Services): Command {
  return defineCommand({
    name: 'delete',
    group: 'items',
    summary:
      'Delete an item for good, after a question: its agent is stopped, its worktree removed',
    role: 'admin',
    input: z.object({ item: itemNumber }),
    examples: ['delete 3'],
    run: {
      change({ item: id }, context) {
        const { name } = pipeline.need(id)
        const run = runs.activeOf(id)
        const worktree = worktrees.find(id)
        if (context.confirmed) {
          pipeline.delete(id, actorOf(context))
          const kept = worktree ? ` Its work so far can be had with \`recover ${id}\`.` : ''
          return `Item ${id} is deleted: ${escapeMarkdown(name)}.${kept}`
        }
        const dependents = pipeline.dependents(id).map((dependent) => dependent.id)
        const question = [
          `Delete item ${id} for good: ${escapeMarkdown(name)}?`,
          ...(run ? [`${escapeMarkdown(run.agent)}, which works on it, is stopped.`] : []),
          ...(worktree ? ['Its worktree is removed; the work in it is kept for `recover`.'] : []),
          ...(dependents.length > 0
            ? [`What depends on it would no longer start by itself: ${enumerated(dependents)}.`]
            : []),
        ]
        return { text: question.join(' '), confirm: { yes: 'Delete it' } }
      },
    },
  })
}
