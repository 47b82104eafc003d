import type { SessionTotals } from '../runtime.ts'
import type { Fields } from './fields.ts'
import { beyond, noUse, plus } from './token-use.ts'

/** What one result says: what was spent since the one before it, and by the session in all. */
export interface Spent {
  readonly since: SessionTotals
  readonly totals: SessionTotals
}

/**
 * Finds out what each result of Claude Code adds. Its totals grow within a process; whether they go
 * on growing over a resumed session is a matter of its version. Where that is unknown they count as
 * new, because too much spoils a report and too little breaks a budget.
 */
export class Spending {
  readonly #before: SessionTotals | undefined
  #last: SessionTotals | undefined

  constructor(before: SessionTotals | undefined) {
    this.#before = before
  }

  add(result: Fields, version: string | undefined): Spent {
    const totals = { ...sumOf(result.at('modelUsage')), ...usdOf(result) }
    const before = goesOn(version) ? this.#before : undefined
    const since = result.has('model_usage_since_last_result')
      ? sumOf(result.at('model_usage_since_last_result'))
      : difference(totals, this.#last ?? before)
    this.#last = totals
    return { since, totals }
  }
}

/** From this version on the totals of a resumed session begin where its last process ended. */
const cumulativeFrom = [2, 1, 285]

function goesOn(version = ''): boolean {
  const numbers = version.split('.').map(Number)
  for (const [index, least] of cumulativeFrom.entries()) {
    const number = numbers[index] ?? 0
    if (number !== least) return number > least
  }
  return true
}

function sumOf(models: Fields): SessionTotals {
  return models.objects().reduce<SessionTotals>(
    (sum, model) => ({
      ...plus(sum, {
        input: model.number('inputTokens') ?? 0,
        output: model.number('outputTokens') ?? 0,
        cacheRead: model.number('cacheReadInputTokens') ?? 0,
        cacheWrite: model.number('cacheCreationInputTokens') ?? 0,
      }),
      usd: sum.usd + (model.number('costUSD') ?? 0),
    }),
    { ...noUse, usd: 0 },
  )
}

function usdOf(result: Fields): { usd?: number } {
  const usd = result.number('total_cost_usd')
  return usd === undefined ? {} : { usd }
}

/** Totals that are smaller than before belong to a session that began anew. */
function difference(totals: SessionTotals, before: SessionTotals | undefined): SessionTotals {
  if (!before || totals.usd < before.usd) return totals
  return { ...beyond(totals, before), usd: totals.usd - before.usd }
}
