import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { type Cost, dollars, priceTag } from '../pipeline/cost.ts'
import type { Services } from './services.ts'
import { dateTime, duration } from './time.ts'
import { counted, titled } from './wording.ts'

const dayMs = 86_400_000
const mostItems = 10
const mostRuns = 20

/** `cost`: where the money of the last 24 hours went; `cost N`: what one item has cost. */
export function cost({ pipeline, agents, ledger, breakdown }: Services): Command {
  return defineCommand({
    name: 'cost',
    group: 'look',
    summary: 'Show what the last 24 hours have cost; with a number, one item',
    role: 'viewer',
    input: z.object({ item: itemNumber.optional() }),
    examples: ['cost', 'cost 3'],
    run: {
      async answer({ item }, { now }) {
        return item === undefined ? ofTheDay(now) : ofItem(item, now)
      },
    },
  })

  function ofTheDay(now: number): string {
    const since = now - dayMs
    const shortage = agents.shortage ? `\n\nNo agent starts now: ${agents.shortage}.` : ''
    const all = ledger.since(since)
    if (all.usd === 0) return `Nothing was spent in the last 24 hours.${shortage}`
    const items = breakdown
      .items(since, mostItems)
      .map(({ item, cost }) => `- ${nameOf(item)}: ${priceTag(cost)}`)
    const spenders = breakdown
      .agents(since)
      .map(({ cost, runs, ...one }) => `- ${who(one)}: ${priceTag(cost)}, ${times(runs)}`)
    return [
      `The last 24 hours have cost ${inFull(all)}.${shortage}`,
      ...(items.length > 0 ? [`**Most expensive items**\n${items.join('\n')}`] : []),
      `**By agent and model**\n${spenders.join('\n')}`,
    ].join('\n\n')
  }

  function ofItem(id: number, now: number): string {
    const item = pipeline.need(id)
    const runs = breakdown.runs(id)
    if (runs.length === 0) return `Item ${id} has cost nothing so far.`
    const lines = runs.slice(0, mostRuns).map(({ cost, startedAt, endedAt, ...one }) => {
      const took = duration((endedAt ?? now) - startedAt)
      return `- ${dateTime(startedAt)}, ${took}, ${who(one)}: ${priceTag(cost)}`
    })
    const more = runs.length - lines.length
    if (more > 0) lines.push(`- and ${counted(more, 'earlier run', 'earlier runs')}`)
    return `${titled(item)} has cost ${inFull(ledger.ofItem(id))}.\n\n${lines.join('\n')}`
  }

  function nameOf(item: number): string {
    const known = pipeline.get(item)
    return known ? titled(known) : `#${item}, which was deleted`
  }
}

/** `$4.20`; `~$4.20, $1.10 of it estimated`. */
function inFull(cost: Cost): string {
  if (cost.estimated === 0) return priceTag(cost)
  const part = cost.estimated === cost.usd ? 'all' : dollars(cost.estimated)
  return `${priceTag(cost)}, ${part} of it estimated from tokens and list prices`
}

function who({ agent, model, account }: { agent: string; model?: string; account?: string }) {
  const facts = [model, account].filter((fact) => fact !== undefined).join(', ')
  return escapeMarkdown(facts === '' ? agent : `${agent} (${facts})`)
}

function times(runs: number): string {
  return counted(runs, 'run', 'runs')
}
