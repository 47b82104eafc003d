import { escapeMarkdown } from '../kernel/markdown.ts'
import type { Board, BoardAgent, BoardLine, Mark, Working } from './board.ts'
import { priceTag } from './cost.ts'

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
    ({ title, lines, more }) =>
      `**${title}**\n${[...lines.map(renderLine), ...renderMore(title, more)].join('\n')}`,
  )
  if (blocks.length === 0)
    blocks.push('There are no items yet: `story TITLE` creates the first one.')
  const agents = freeAgents.map(renderAgent).join(', ')
  if (agents) blocks.push(`Free agents: ${agents}`)
  return blocks.join('\n\n')
}

function renderMore(title: string, more: number): string[] {
  if (more === 0) return []
  const command = title === 'Backlog' ? 'backlog' : 'list'
  return [`- ... and ${more} more: \`${command}\``]
}

function renderLine(line: BoardLine): string {
  const { id, name, dot, mark } = line
  const signs = mark ? `${dots[dot]} ${marks[mark]}` : dots[dot]
  const details = renderDetails(line)
  const subject = `- ${signs} **#${id}** ${escapeMarkdown(name)}`
  return details.length === 0 ? subject : `${subject} · ${details.join(' · ')}`
}

function renderDetails(line: BoardLine): string[] {
  const { cost, working, waitingOn, position, reason, notes } = line
  const details: string[] = []
  if (cost) details.push(priceTag(cost))
  if (waitingOn.length > 0) details.push(`waiting on ${waitingOn.map((on) => `#${on}`).join(', ')}`)
  if (position !== undefined) details.push(`queued (${position})`)
  if (working?.agent !== undefined) details.push(renderAgent({ ...working, name: working.agent }))
  if (working?.reason !== undefined) details.push(escapeMarkdown(working.reason))
  if (working?.uncommitted) details.push(...renderUncommitted(working.uncommitted))
  if (reason !== undefined) details.push(escapeMarkdown(reason))
  details.push(...notes)
  return details
}

function renderAgent({ name, model }: BoardAgent): string {
  return escapeMarkdown(model === undefined ? name : `${name} (${model})`)
}

function renderUncommitted({ modified, added }: NonNullable<Working['uncommitted']>): string[] {
  const counts = [
    ...(modified > 0 ? [`${modified} modified`] : []),
    ...(added > 0 ? [`${added} new`] : []),
  ]
  return counts.length > 0 ? [counts.join(', ')] : []
}
