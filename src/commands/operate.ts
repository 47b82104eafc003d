import type { CommandContext } from '../bot/command.ts'
import { Problem } from '../kernel/problem.ts'
import type { Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { StageEvent, StageEventType } from '../pipeline/stage.ts'
import { legalEvents } from '../pipeline/transition.ts'
import { actorOf } from './actor.ts'
import { standing } from './standing.ts'

/**
 * Applies `event` to the item for the person who asked with `command`. Where it is not legal, the
 * `Problem` names the commands that are.
 */
export function operate(
  pipeline: Pipeline,
  id: number,
  event: StageEvent,
  context: CommandContext,
  command: string,
): Item {
  const item = pipeline.need(id)
  if (!legalEvents(item.stage, item.type).includes(event.type))
    throw new Problem(
      'illegal-event',
      `\`${command}\` does not fit item ${id}, which is ${standing(item.stage)}. ${whatFits(item)}`,
    )
  return pipeline.apply(id, event, actorOf(context))
}

/** What a person can do with the item now: `What fits: start 3, close 3.` */
export function whatFits(item: Item): string {
  return `What fits: ${legalCommands(item)
    .map((usage) => `\`${usage}\``)
    .join(', ')}.`
}

/** The commands that change where the item stands, in the order in which people want them. */
function legalCommands({ id, stage, type }: Item): string[] {
  const legal = new Set(legalEvents(stage, type))
  const usages = commandsOf.flatMap(([event, usage]) => (legal.has(event) ? [usage(id)] : []))
  return [...new Set(usages), `delete ${id}`]
}

/** The command by which a person causes an event; the others are the program's own. */
const commandsOf: readonly (readonly [StageEventType, (id: number) => string])[] = [
  ['start', (id) => `start ${id}`],
  ['requeue', (id) => `start ${id}`],
  ['unblock', (id) => `unblock ${id}`],
  ['unfreeze', (id) => `unfreeze ${id}`],
  ['approve', (id) => `approve ${id}`],
  ['qa-passed', (id) => `approve ${id}`],
  ['reject', (id) => `reject ${id} REASON`],
  ['qa-failed', (id) => `reject ${id} REASON`],
  ['fix-up', (id) => `reject ${id} REASON`],
  ['hold', (id) => `hold ${id} REASON`],
  ['block', (id) => `block ${id} REASON`],
  ['freeze', (id) => `freeze ${id}`],
  ['triage', (id) => `move ${id} backlog`],
  ['demote', (id) => `move ${id} backlog`],
  ['reopen', (id) => `move ${id} backlog`],
  ['close', (id) => `close ${id}`],
  ['accept', (id) => `move ${id} archived`],
  ['archive', (id) => `move ${id} archived`],
  ['abandon', (id) => `abandon ${id}`],
  ['supersede', (id) => `supersede ${id} M`],
]
