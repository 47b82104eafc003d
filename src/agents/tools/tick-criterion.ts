import { z } from 'zod'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { actorOf } from './actor.ts'
import { criteriaOf } from './item.ts'
import { defineTool, type Tool } from './tool.ts'

/** `tick_criterion`: says that one of the item's criteria is met, or is not after all. */
export function tickCriterionTool(pipeline: Pick<Pipeline, 'check'>): Tool {
  return defineTool({
    name: 'tick_criterion',
    summary:
      'Mark one acceptance criterion of your work item as met, once it is. The numbers are those that the tool "item" shows.',
    input: z.object({
      criterion: z.int().positive().describe('The number of the criterion, from 1.'),
      met: z.boolean().default(true).describe('false: it is not met after all.'),
    }),
    run: ({ criterion, met }, { run, item }) =>
      criteriaOf(pipeline.check(item.id, criterion, met, actorOf(run))),
  })
}
