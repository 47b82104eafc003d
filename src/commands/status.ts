import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { board } from '../pipeline/board.ts'
import { renderBoard } from '../pipeline/render-board.ts'
import { itemReport } from './item-report.ts'
import type { Services } from './services.ts'
import { workingOn } from './working.ts'

/** `status`: the board; `status N`: one item whole. */
export function status(services: Services): Command {
  return defineCommand({
    name: 'status',
    aliases: ['triage'],
    group: 'look',
    summary: 'Show the board; with a number, one item whole',
    role: 'viewer',
    input: z.object({ item: itemNumber.optional() }),
    examples: ['status', 'status 3'],
    run: {
      async answer({ item }, { now }) {
        if (item !== undefined) return itemReport(services, item, now)
        return showBoard(services)
      },
    },
  })
}

/** More lines of one section nobody reads in a chat. */
const mostLines = 30

/** The board as it stands, in Markdown. */
export function showBoard(services: Services): string {
  const { pipeline, agents, ledger, mergeQueue } = services
  const shown = board(pipeline.live(), {
    working: workingOn(services),
    agents: agents.list().filter(({ run }) => !run),
    find: (id) => pipeline.get(id),
    costs: (id) => ledger.ofItem(id),
    why: (id) => mergeQueue.waiting(id) ?? agents.why(id),
    most: mostLines,
  })
  return [renderBoard(shown), ...standstills(services)].join('\n\n')
}

/** Why no agent starts anywhere, and what to do about it. */
function standstills({ pipeline, agents }: Services): string[] {
  const short = agents.shortage ? [`No agent starts now: ${agents.shortage}.`] : []
  if (!pipeline.paused) return short
  const why = pipeline.pausedBecause ? `${escapeMarkdown(pipeline.pausedBecause)}. ` : ''
  return [...short, `${why}The pipeline is paused: \`resume\` goes on.`]
}
