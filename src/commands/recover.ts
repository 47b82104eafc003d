import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { Problem } from '../kernel/problem.ts'
import type { Services } from './services.ts'

/** `recover N`: the work of a removed worktree, also of a deleted item. */
export function recover({ pipeline, worktrees }: Services): Command {
  return defineCommand({
    name: 'recover',
    group: 'work',
    summary: "Bring the work of an item's removed worktree back, uncommitted files included",
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['recover 3'],
    run: {
      async answer({ item }) {
        if (pipeline.history(item).length === 0) pipeline.need(item)
        const there = worktrees.find(item)
        const worktree = there?.recovered ? there : await worktrees.recover(item)
        if (worktree)
          return `The work of item ${item} is back, on branch \`${worktree.branch}\` in \`${worktree.path}\`: take from it what you need.`
        throw new Problem(
          'nothing-to-recover',
          `No removed work of item ${item} is kept: \`history ${item}\` shows what became of it.`,
        )
      },
    },
  })
}
