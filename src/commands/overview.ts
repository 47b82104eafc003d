import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { codeSpan } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import type { FileChange } from '../pipeline/branch-facts.ts'
import { unpaused } from '../pipeline/paused.ts'
import type { Stage } from '../pipeline/stage.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { dateTime } from './time.ts'
import { counted, shortCommit, titled } from './wording.ts'

const mostFiles = 20

/** `overview N`: what a merged item changed: its commit, the files, the lines. */
export function overview({ pipeline, facts }: Services): Command {
  return defineCommand({
    name: 'overview',
    group: 'look',
    summary: 'Show what a merged item changed: its commit, the files and the lines',
    role: 'viewer',
    input: z.object({ item: itemNumber }),
    examples: ['overview 3'],
    run: {
      async answer({ item: id }) {
        const item = pipeline.need(id)
        const landed = landingOf(item.stage)
        if (!landed)
          return `Item ${id} is ${standing(item.stage)}, and nothing of it is merged: \`diff ${id}\` shows its work so far.`
        const changes = await facts.changes(landed.commit)
        if (!changes)
          throw new Problem(
            'no-such-commit',
            `Item ${id} landed as ${shortCommit(landed.commit)}, which the repository does not have any more: \`history ${id}\` is what is left.`,
          )
        return `**${titled(item)}** landed as ${shortCommit(landed.commit)} at ${dateTime(landed.at)}: ${summary(changes)}.\n${fileLines(changes).join('\n')}`
      },
    },
  })
}

/** When and as what the item has landed; also where it was archived or frozen since. */
function landingOf(stage: Stage): { readonly commit: string; readonly at: number } | undefined {
  const inner = unpaused(stage)
  if (inner.kind === 'archived') return landingOf(inner.from)
  return inner.kind === 'done' && inner.commit !== undefined
    ? { commit: inner.commit, at: inner.at }
    : undefined
}

function summary(changes: readonly FileChange[]): string {
  const added = changes.reduce((sum, { lines }) => sum + (lines?.added ?? 0), 0)
  const removed = changes.reduce((sum, { lines }) => sum + (lines?.removed ?? 0), 0)
  const count = counted(changes.length, 'file', 'files')
  return `${count}, ${counted(added, 'line', 'lines')} added and ${removed} removed`
}

function fileLines(changes: readonly FileChange[]): string[] {
  const lines = changes.slice(0, mostFiles).map(({ path, lines }) => {
    const size = lines ? `+${lines.added} -${lines.removed}` : 'binary'
    return `- ${codeSpan(path)} ${size}`
  })
  const more = changes.length - lines.length
  return more > 0 ? [...lines, `- ... and ${more} more`] : lines
}
