import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import type { HistoryEntry } from '../pipeline/item.ts'
import { nameOf } from './actor.ts'
import type { Services } from './services.ts'
import { dateTime } from './time.ts'

const most = 100

/** `history N`: who did what when. A deleted item still has one. */
export function history({ pipeline }: Services): Command {
  return defineCommand({
    name: 'history',
    group: 'look',
    summary: 'Show who did what with an item, and when',
    role: 'viewer',
    input: z.object({ item: itemNumber }),
    examples: ['history 3'],
    run: {
      change({ item }) {
        const entries = pipeline.history(item)
        if (entries.length === 0) pipeline.need(item)
        const hidden = Math.max(0, entries.length - most)
        return [
          `**History of #${item}**`,
          ...(hidden > 0 ? [`- ... ${hidden} earlier`] : []),
          ...entries.slice(-most).map(line),
        ].join('\n')
      },
    },
  })
}

function line({ at, by, event, from, to, note }: HistoryEntry): string {
  const way = from && to && from !== to ? ` (${from} -> ${to})` : ''
  const why = note ? `: ${note}` : ''
  return `- ${dateTime(at)} ${nameOf(by)}: ${event}${way}${why}`
}
