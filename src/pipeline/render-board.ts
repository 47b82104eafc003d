import { escapeMarkdown } from '../kernel/markdown.ts'
import type { Board, BoardAgent, BoardLine, Mark, Working } from './board.ts'

const dots: { readonly [D in BoardLine['dot']]: string } = {
  idle: '⚪',
  running: '🟢',
  throttled: '🟡',
  blocked: '🔴',
}

const marks: { readonly [M in Mark]: string } = {
  frozen: '❄️',
  review: '👀',
  recovering: '🤖',
  'recovery-queued': '⏳',
  failed: '❌',
  'failed-for-good': '⛔',
  abandoned: '🗑️',
  superseded: '🔀',
  rejected: '🚫',
}

/** The board as Markdown: a heading and a list for each section that has items, then the agents. */
export function renderBoard({ sections, freeAgents }: Board): string {
  const filled = sections.filter(({ lines }) => lines.length > 0)
  const blocks = filled.map(
    ({ title, lines }) => `**${title}**\n${lines.map(renderLine).join('\n')}`,
  )
  if (blocks.length === 0)
    blocks.push('There are no items yet: `story TITLE` creates the first one.')
  const agents = freeAgents.map(renderAgent).join(', ')
  if (agents) blocks.push(`Free agents: ${agents}`)
  return blocks.join('\n\n')
}

function renderLine(line: BoardLine): string {
  const { id, name, dot, mark, position, waitingOn, notes, reason, working } = line
  const signs = [dots[dot], ...(mark ? [marks[mark]] : [])].join(' ')
  const details = [
    ...(working?.cost === undefined ? [] : [`$${working.cost.toFixed(2)}`]),
    ...(waitingOn.length > 0 ? [`waiting on ${waitingOn.map((on) => `#${on}`).join(', ')}`] : []),
    ...(position === undefined ? [] : [`queued (${position})`]),
    ...(working?.agent === undefined ? [] : [renderAgent({ ...working, name: working.agent })]),
    ...renderUncommitted(working),
    ...(reason === undefined ? [] : [escapeMarkdown(reason)]),
    ...notes,
  ]
  return [`- ${signs} **#${id}** ${escapeMarkdown(name)}`, ...details].join(' · ')
}

function renderAgent({ name, model }: BoardAgent): string {
  return escapeMarkdown(model === undefined ? name : `${name} (${model})`)
}

function renderUncommitted(working: Working | undefined): string[] {
  const { modified = 0, added = 0 } = working?.uncommitted ?? {}
  const counts = [
    ...(modified > 0 ? [`${modified} modified`] : []),
    ...(added > 0 ? [`${added} new`] : []),
  ]
  return counts.length > 0 ? [counts.join(', ')] : []
}
