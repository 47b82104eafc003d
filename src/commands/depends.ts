import { z } from 'zod'
import { itemNumber, itemNumbers, rest } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { actorOf } from './actor.ts'
import { nextStep } from './next-step.ts'
import type { Services } from './services.ts'
import { titled } from './wording.ts'

/** `depends N 3,4`: what must be done before item N; without numbers, nothing. */
export function depends({ pipeline }: Services): Command {
  return defineCommand({
    name: 'depends',
    group: 'items',
    summary: 'Say which items must be done before an item starts; with none, clear that',
    role: 'member',
    input: z.object({ item: itemNumber, on: rest(itemNumbers, { called: 'M,M' }).optional() }),
    examples: ['depends 5 3,4', 'depends 5'],
    run: {
      change({ item, on = [] }, context) {
        const changed = pipeline.edit(item, { dependsOn: on }, actorOf(context))
        const names = changed.dependsOn.map((id) => titled(pipeline.need(id))).join(', ')
        const waits = names === '' ? 'depends on nothing now' : `depends on ${names}`
        return `Item ${item} ${waits}. ${nextStep(pipeline, item)}`
      },
    },
  })
}
