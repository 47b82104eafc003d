import { z } from 'zod'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { mergeOrder } from '../pipeline/merge/merge-order.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { duration } from './time.ts'
import { titled } from './wording.ts'
import { isMerging } from './working.ts'

const most = 5

/** `whatsup`: three lines on what is in progress. */
export function whatsup(services: Services): Command {
  return defineCommand({
    name: 'whatsup',
    group: 'look',
    summary:
      'Say in three lines what is in progress: what is worked on, what is next, what waits for you',
    role: 'viewer',
    input: z.object({}),
    examples: ['whatsup'],
    run: {
      change: (_, { now }) =>
        [
          `- Working: ${listed(working(services, now))}`,
          `- Next: ${listed(next(services))}`,
          `- Waiting for you: ${listed(forPeople(services))}`,
        ].join('\n'),
    },
  })
}

function working(services: Services, now: number): string[] {
  const { pipeline, runs } = services
  const agents = runs.active().map(({ item: id, agent, startedAt }) => {
    const item = pipeline.get(id)
    const name = item ? titled(item) : `#${id}, which was deleted`
    return `${escapeMarkdown(agent)} on ${name} (${duration(now - startedAt)})`
  })
  const merging = pipeline.inStage('merge').filter((item) => isMerging(services, item))
  return [...agents, ...merging.map((item) => `the merge of ${titled(item)}`)]
}

function next(services: Services): string[] {
  const { pipeline, runs, mergeQueue } = services
  const forAgents = (['coding', 'qa'] as const)
    .flatMap((kind) => pipeline.inStage(kind))
    .filter(({ id }) => !runs.activeOf(id))
  const queued = mergeOrder(pipeline.inStage('merge')).filter(
    (item) => !isMerging(services, item) && !mergeQueue.waiting(item.id),
  )
  return [
    ...queued.map((item) => `${titled(item)} (merge)`),
    ...forAgents.map((item) => `${titled(item)} (an agent)`),
  ]
}

function forPeople({ pipeline, mergeQueue }: Services): string[] {
  const kinds = ['review-hold', 'blocked', 'merge-failure-final'] as const
  const items = kinds.flatMap((kind) => pipeline.inStage(kind))
  const held = pipeline.inStage('merge').filter(({ id }) => mergeQueue.waiting(id))
  return [
    ...items.map((item) => `${titled(item)} (${standing(item.stage)})`),
    ...held.map((item) => `${titled(item)} (${escapeMarkdown(mergeQueue.waiting(item.id) ?? '')})`),
  ]
}

function listed(things: readonly string[]): string {
  if (things.length === 0) return 'nothing.'
  const more = things.length - most
  return `${things.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}
