import { z } from 'zod'
import { branchOf, type HistoryEntry, type Item } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { reasonOf } from '../../pipeline/reason.ts'
import { defineTool, type Tool } from './tool.ts'

const mostEntries = 30

/** `item`: the run's item as it stands, in full. */
export function itemTool(pipeline: Pick<Pipeline, 'history'>, baseBranch: string): Tool {
  return defineTool({
    name: 'item',
    summary:
      'Read the work item that you work on: its text, its numbered criteria, what the last attempt failed with, and its history.',
    input: z.object({}),
    run: (_, { item }) =>
      [
        `# Item ${item.id}: ${item.name}`,
        `Type: ${item.type}. Stage: ${item.stage.kind}. Branch: ${branchOf(item)}, from ${baseBranch}.`,
        item.body.trim(),
        section('Criteria', criteriaOf(item)),
        section('Why it is where it is', reasonOf(item.stage) ?? ''),
        section('History', historyOf(pipeline.history(item.id))),
      ]
        .filter((part) => part !== '')
        .join('\n\n'),
  })
}

/** The item's criteria, by the numbers that other tools call them. */
export function criteriaOf({ criteria }: Pick<Item, 'criteria'>): string {
  return criteria
    .map(({ text, met }, index) => `${index + 1}. ${met ? 'met' : 'open'}: ${text}`)
    .join('\n')
}

function section(title: string, text: string): string {
  return text === '' ? '' : `## ${title}\n\n${text.trimEnd()}`
}

function historyOf(entries: readonly HistoryEntry[]): string {
  const earlier = entries.length - mostEntries
  const lines = entries.slice(-mostEntries).map(lineOf)
  return [...(earlier > 0 ? [`(${earlier} earlier entries)`] : []), ...lines].join('\n')
}

function lineOf({ at, event, by, to, note }: HistoryEntry): string {
  const time = new Date(at).toISOString().slice(0, 16).replace('T', ' ')
  const where = to === undefined ? '' : `, now ${to}`
  return `${time} ${event} by ${by.name ?? by.id}${where}${note ? `: ${note}` : ''}`
}
