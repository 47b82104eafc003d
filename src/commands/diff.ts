import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { codeBlock } from '../kernel/markdown.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'

const mostLines = 200

/** `diff N`: what the item's worktree changes, uncommitted changes included. */
export function diff({ pipeline, worktrees }: Services): Command {
  return defineCommand({
    name: 'diff',
    group: 'look',
    summary: 'Show what the work on an item changes, uncommitted changes included',
    role: 'viewer',
    input: z.object({ item: itemNumber }),
    examples: ['diff 3'],
    run: {
      async answer({ item }) {
        const { stage } = pipeline.need(item)
        const worktree = worktrees.find(item)
        if (!worktree)
          return `Item ${item} is ${standing(stage)} and has no worktree, so there is no diff.`
        const text = (await worktrees.diff(item)).trimEnd()
        if (text === '') return `Item ${item} has changed nothing yet.`
        const lines = text.split('\n')
        const cut = lines.length - mostLines
        const block = codeBlock(lines.slice(0, mostLines).join('\n'), 'diff')
        return cut <= 0
          ? block
          : `${block}\n${cut} more lines: the whole of it is in \`${worktree.path}\`.`
      },
    },
  })
}
