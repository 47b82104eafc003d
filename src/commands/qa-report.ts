import { escapeMarkdown } from '../kernel/markdown.ts'
import type { Item } from '../pipeline/item.ts'
import { firstLine } from '../pipeline/reason.ts'
import type { Services } from './services.ts'
import { duration } from './time.ts'
import { sentence } from './wording.ts'

/** What the last qa agent that came to a verdict said of the item, and of each criterion. */
export function qaLines({ runs, verdicts }: Services, { id }: Item, now: number): string[] {
  for (const run of runs.of(id)) {
    const verdict = run.role === 'qa' ? verdicts.of(run) : undefined
    if (!verdict) continue
    const { passed, reason, criteria } = verdict
    const ago = run.endedAt === undefined ? '' : ` ${duration(now - run.endedAt)} ago`
    const each = criteria.map(
      ({ criterion, met, why }) =>
        `  - ${criterion}. ${met ? 'met' : 'not met'}: ${sentence(firstLine(why))}`,
    )
    const what = `${escapeMarkdown(run.agent)} ${passed ? 'passed' : 'rejected'} it${ago}`
    return [[`${what}: ${sentence(firstLine(reason))}`, ...each].join('\n')]
  }
  return []
}
