import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import type { Item } from '../pipeline/item.ts'
import { eventFor } from '../pipeline/move.ts'
import type { StageKind } from '../pipeline/stage.ts'
import { actorOf } from './actor.ts'
import { nextStep } from './next-step.ts'
import { whatFits } from './operate.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'

const targets = [
  'backlog',
  'coding',
  'qa',
  'review-hold',
  'merge',
  'done',
  'archived',
  'blocked',
  'frozen',
  'abandoned',
  'rejected',
] as const satisfies readonly StageKind[]

/** `move N STAGE`: the operator's move, where an event leads there. */
export function move({ pipeline }: Services): Command {
  return defineCommand({
    name: 'move',
    group: 'work',
    summary: 'Move an item to another stage by hand, where that is possible',
    role: 'member',
    input: z.object({ item: itemNumber, stage: z.enum(targets) }),
    examples: ['move 3 backlog', 'move 3 merge'],
    run: {
      change({ item, stage }, context) {
        const event = eventTo(pipeline.need(item), stage)
        const moved = pipeline.apply(item, event, actorOf(context))
        return `Item ${item} is ${standing(moved.stage)} now: ${escapeMarkdown(moved.name)}. ${nextStep(pipeline, item)}`
      },
    },
  })
}

function eventTo(item: Item, target: StageKind) {
  const event = eventFor(item.stage, target, item.type)
  if (event) return event
  const stages = targets.filter((stage) => eventFor(item.stage, stage, item.type))
  const possible = stages.map((stage) => `\`move ${item.id} ${stage}\``).join(', ')
  throw new Problem(
    'illegal-move',
    `Item ${item.id} is ${standing(item.stage)}, and no way leads from there to ${target}. ${
      possible === '' ? whatFits(item) : `What fits: ${possible}.`
    }`,
  )
}
