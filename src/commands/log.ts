import { z } from 'zod'
import type { RunState } from '../agents/run.ts'
import { itemNumber, positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { codeBlock, escapeMarkdown } from '../kernel/markdown.ts'
import type { Services } from './services.ts'

const usualLines = 20
const mostLines = 200
const doing: { readonly [S in RunState]: string } = {
  claimed: 'is about to start',
  running: 'is at work',
  exited: 'has ended, and its work is being judged',
  ended: 'has ended',
}

/** `log N [lines]`: the end of what the item's newest agent said. */
export function log({ agents, runs, pipeline }: Services): Command {
  return defineCommand({
    name: 'log',
    group: 'look',
    summary: "Show the last lines that an item's agent said",
    role: 'viewer',
    input: z.object({
      item: itemNumber,
      lines: positional(z.int().min(1).max(mostLines), {
        expects: `a number from 1 to ${mostLines}`,
      }).optional(),
    }),
    examples: ['log 3', 'log 3 50'],
    run: {
      async answer({ item, lines = usualLines }) {
        pipeline.need(item)
        const run = runs.of(item)[0]
        if (!run) return `No agent has worked on item ${item} yet. See why with \`status ${item}\`.`
        const said = agents.log(item, lines)
        const who = `${escapeMarkdown(run.agent)} ${doing[run.state]}`
        return said.length === 0
          ? `${who}, and has said nothing.`
          : `${who}:\n${codeBlock(said.join('\n'))}`
      },
    },
  })
}
