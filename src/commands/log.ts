import { z } from 'zod'
import type { Run, RunState } from '../agents/runs/run.ts'
import { itemNumber, positional } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { codeBlock, escapeMarkdown } from '../kernel/markdown.ts'
import type { Services } from './services.ts'

const usualLines = 20
const mostLines = 200
const everyMs = 5_000
const forMs = 10 * 60_000
const doing: { readonly [S in RunState]: string } = {
  claimed: 'is about to start',
  running: 'is at work',
  exited: 'has ended, and its work is being judged',
  ended: 'has ended',
}

/**
 * `log N [lines]`: the end of what the item's newest agent said, in one message that stays fresh until
 * that has ended, for some minutes at most.
 */
export function log({ agents, runs, pipeline, live }: Services): Command {
  return defineCommand({
    name: 'log',
    group: 'look',
    summary: "Show the last lines that an item's agent said, and follow it for some minutes",
    role: 'viewer',
    input: z.object({
      item: itemNumber,
      lines: positional(z.int().min(1).max(mostLines), {
        expects: `a number from 1 to ${mostLines}`,
      }).optional(),
    }),
    examples: ['log 3', 'log 3 50'],
    run: {
      change({ item, lines = usualLines }, { place }) {
        pipeline.need(item)
        const newest = () => runs.of(item)[0]
        const run = newest()
        if (!run) return `No agent has worked on item ${item} yet. See why with \`status ${item}\`.`
        const text = () => report(newest() ?? run, agents.log(item, lines))
        // Another run is another message.
        const isOver = () => newest()?.id !== run.id || newest()?.state === 'ended'
        if (isOver()) return text()
        const stored = (message: number) =>
          live.keep({ message, place, everyMs, forMs, isOver, text })
        return { text: text(), stored }
      },
    },
  })
}

function report({ agent, state }: Run, said: readonly string[]): string {
  const who = `${escapeMarkdown(agent)} ${doing[state]}`
  return said.length === 0
    ? `${who}, and has said nothing.`
    : `${who}:\n${codeBlock(said.join('\n'))}`
}
