import { Problem } from '../../kernel/problem.ts'
import type { Item } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { Store } from '../../store/store.ts'
import { type QaVerdict, qaVerdict, type Verdicts } from '../judging/qa-verdict.ts'
import { actorOf } from './actor.ts'
import { defineTool, type Tool } from './tool.ts'

export interface ReportVerdictParts {
  readonly store: Store
  readonly pipeline: Pick<Pipeline, 'check'>
  readonly verdicts: Pick<Verdicts, 'keep'>
}

/** `report_verdict`: the only way in which a qa agent passes an item or sends it back. */
export function reportVerdictTool({ store, pipeline, verdicts }: ReportVerdictParts): Tool {
  return defineTool({
    name: 'report_verdict',
    summary:
      'Report your verdict on the work item: every criterion, whether it is met and why; and whether the whole passes, with the reason. The last report before you end counts; without one you are started again.',
    input: qaVerdict,
    run(verdict, { run, item }) {
      refuseUnfit(verdict, item)
      store.transaction(() => {
        verdicts.keep(run, verdict)
        for (const { criterion, met } of verdict.criteria)
          if (item.criteria[criterion - 1]?.met !== met)
            pipeline.check(item.id, criterion, met, actorOf(run))
      })
      return verdict.passed
        ? 'Stored: the item passes. You can end now.'
        : 'Stored: the item goes back with your reason. You can end now.'
    },
  })
}

/** A verdict speaks of each criterion once, and does not pass what it calls not met. */
function refuseUnfit({ passed, criteria }: QaVerdict, item: Item): void {
  const named = criteria.map(({ criterion }) => criterion)
  const missing = item.criteria.map((_, index) => index + 1).filter((n) => !named.includes(n))
  if (missing.length > 0) throw unfit(`Criterion ${missing.join(', ')} is missing`)
  const unknown = named.find((n) => n > item.criteria.length)
  if (unknown !== undefined)
    throw unfit(`There is no criterion ${unknown}: the item has ${item.criteria.length}`)
  if (new Set(named).size < named.length) throw unfit('A criterion is named twice')
  const open = criteria.find(({ met }) => !met)
  if (passed && open) throw unfit(`Criterion ${open.criterion} is not met, so the item cannot pass`)
}

function unfit(what: string): Problem {
  return new Problem('unfit-verdict', `${what}. Nothing is stored: report the whole verdict again.`)
}
