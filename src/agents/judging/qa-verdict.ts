import type { Statement } from 'better-sqlite3'
import { z } from 'zod'
import type { Item } from '../../pipeline/item.ts'
import type { Store } from '../../store/store.ts'
import type { Run } from '../runs/run.ts'

const why = z.string().trim().min(1).max(4_000)

/** What a qa agent says of an item. */
export const qaVerdict = z.object({
  passed: z.boolean().describe('Whether the item may be merged as it is.'),
  reason: why.describe('Why; where it does not pass, exactly what has to be mended.'),
  criteria: z
    .array(
      z.object({
        criterion: z.int().positive().describe('The number of the criterion, from 1.'),
        met: z.boolean(),
        why: why.describe('What in the code or its tests shows it.'),
      }),
    )
    .max(200)
    .describe('One entry for each criterion of the item; empty where it has none.'),
})
export type QaVerdict = z.infer<typeof qaVerdict>

/** The verdicts that qa runs have reported, durably: the last of a run counts. */
export class Verdicts {
  readonly #set: Statement<[number, string]>
  readonly #get: Statement<[number], string>

  constructor({ db }: Store) {
    this.#set = db.prepare('INSERT OR REPLACE INTO run_verdicts (run, verdict) VALUES (?, ?)')
    this.#get = db
      .prepare<[number], string>('SELECT verdict FROM run_verdicts WHERE run = ?')
      .pluck()
  }

  /** Part of the caller's transaction. */
  keep(run: Pick<Run, 'token'>, verdict: QaVerdict): void {
    this.#set.run(run.token, JSON.stringify(verdict))
  }

  /** Undefined where the run has reported none. */
  of(run: Pick<Run, 'token'>): QaVerdict | undefined {
    const text = this.#get.get(run.token)
    return text === undefined ? undefined : JSON.parse(text)
  }
}

/** Why an item comes back from qa, for the coder who gets it: the reason, and what is not met. */
export function rejection({ reason, criteria }: QaVerdict, item: Pick<Item, 'criteria'>): string {
  const open = criteria
    .filter(({ met }) => !met)
    .map(({ criterion, why }) => {
      const text = item.criteria[criterion - 1]?.text ?? ''
      return `- Criterion ${criterion} is not met (${text}): ${why}`
    })
  return [reason, ...open].join('\n')
}
