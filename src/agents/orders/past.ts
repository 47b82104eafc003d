import type { HistoryEntry } from '../../pipeline/item.ts'
import type { Run } from '../runs/run.ts'

/** What an agent is to know of what went before it on the same item. */
export interface Past {
  /** What ended the last run though its work was not done; undefined where that ran to its end. */
  readonly cutShort: string | undefined
  /** Whether the agent remembers it: it goes on with the session. */
  readonly remembered: boolean
  /** What the last run said last; empty where the agent remembers it. */
  readonly lastWords: readonly string[]
  /** What happened to the item since that run began, oldest first. */
  readonly since: readonly HistoryEntry[]
}

/** Why the work of a run stopped before its end, as a sentence; undefined where it had one. */
export function whatCutShort({ outcome, stop }: Run): string | undefined {
  if (stop && stop.next !== 'judge') return `It was stopped: ${stop.reason}`
  switch (outcome?.kind) {
    case 'interrupted':
      return 'It was ended from outside.'
    case 'limited':
    case 'refused':
    case 'overloaded':
      return `Its service refused to go on: ${outcome.reason}`
    case 'exhausted':
    case 'lost-session':
      return outcome.reason
    default:
      return undefined
  }
}

/** What the prompt says of the past, in Markdown; empty where there is nothing to be said. */
export function describePast(past: Past | undefined): string {
  if (!past) return ''
  return [beginning(past), happened(past.since)].filter((part) => part !== '').join('\n\n')
}

function beginning({ cutShort, remembered, lastWords }: Past): string {
  if (cutShort === undefined) return ''
  if (remembered)
    return `# Go on\n\nYour last run was cut short. ${cutShort} Go on where you left off.`
  const words =
    lastWords.length > 0
      ? `\n\nIt said last:\n\n${lastWords.map((line) => `> ${line}`).join('\n')}`
      : ''
  return `# You start anew\n\nAn earlier run on this item was cut short. ${cutShort} You do not remember it, but its work is in this worktree: look at "git log", "git status" and "git diff" first, and go on from there.${words}`
}

function happened(since: readonly HistoryEntry[]): string {
  if (since.length === 0) return ''
  const lines = since.map(({ event, from, to, by, note }) => {
    const way = from !== undefined && to !== undefined && from !== to ? ` (${from} to ${to})` : ''
    return `- ${event}${way} by ${by.name ?? by.id}${note ? `: ${note}` : ''}`
  })
  return `# What happened since the last run\n\n${lines.join('\n')}`
}
