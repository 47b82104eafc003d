import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { Problem } from '../kernel/problem.ts'
import type { Item } from '../pipeline/item.ts'
import type { StageEvent } from '../pipeline/stage.ts'
import { actorOf } from './actor.ts'
import { nextStep } from './next-step.ts'
import { operate, whatFits } from './operate.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'

/** `pause`: no new agents in the whole pipeline. */
export function pause({ pipeline }: Services): Command {
  return defineCommand({
    name: 'pause',
    group: 'work',
    summary: 'Start no new agents anywhere; those at work go on',
    role: 'member',
    input: z.object({}),
    examples: ['pause'],
    run: {
      change(_, context) {
        if (pipeline.paused) return 'The pipeline is paused already. Go on with `resume`.'
        pipeline.setPaused(true, actorOf(context))
        return 'The pipeline is paused: no new agents start, and those at work go on. Go on with `resume`.'
      },
    },
  })
}

/** `resume`: agents start again; `resume N`: a parked item goes on. */
export function resume({ pipeline, agents }: Services): Command {
  return defineCommand({
    name: 'resume',
    group: 'work',
    summary:
      'Let agents start again after `pause`, a limit or a refused login; with a number, one item',
    role: 'member',
    input: z.object({ item: itemNumber.optional() }),
    examples: ['resume', 'resume 3'],
    run: {
      change({ item }, context) {
        if (item !== undefined && agents.wake(item))
          return `Item ${item} goes on: it is tried now, whatever its service has said. Follow it with \`status ${item}\`.`
        if (item !== undefined) {
          const { stage } = operate(pipeline, item, waking(pipeline.need(item)), context, 'resume')
          return `Item ${item} is ${standing(stage)} again. ${nextStep(pipeline, item)}`
        }
        if (!pipeline.paused)
          return agents.wakeAll()
            ? 'The accounts that were refused or at their limit are tried now.'
            : 'The pipeline is not paused: agents start when there is work.'
        const refused = agents.wakeAll('refused')
        const tried = refused ? ' The accounts that were refused are tried again.' : ''
        pipeline.setPaused(false, actorOf(context))
        return `The pipeline goes on: agents start when there is work.${tried} See it with \`status\`.`
      },
    },
  })
}

function waking(item: Item): StageEvent {
  if (item.stage.kind === 'frozen') return { type: 'unfreeze' }
  if (item.stage.kind === 'blocked') return { type: 'unblock' }
  throw new Problem(
    'not-parked',
    `Item ${item.id} is ${standing(item.stage)}, so there is nothing to wake. ${whatFits(item)}`,
  )
}
