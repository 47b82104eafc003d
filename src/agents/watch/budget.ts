import { dollars } from '../../pipeline/cost.ts'
import type { Spending } from '../money/spending.ts'
import type { AgentEvent } from '../runtime.ts'
import { type Breach, type Guard, itsFault, type Tick } from './guard.ts'

/**
 * What a run may cost while it runs: by itself, and together with all that its item and the day have
 * cost. That the day's money is gone is not its fault.
 */
export class Budget implements Guard {
  readonly #budget: number | undefined
  readonly #spending: Spending

  constructor(budget: number | undefined, spending: Spending) {
    this.#budget = budget
    this.#spending = spending
  }

  observe(events: readonly AgentEvent[]): void {
    this.#spending.observe(events)
  }

  check({ broke }: Tick): Breach | undefined {
    const { usd } = this.#spending
    if (this.#budget !== undefined && usd >= this.#budget)
      return itsFault(
        `The agent has cost ${dollars(usd)}, and may cost ${dollars(this.#budget)} (max_budget_usd).`,
      )
    if (broke.item !== undefined) return itsFault(`There is no money left: ${broke.item}.`)
    if (broke.today === undefined) return undefined
    return { reason: `There is no money left: ${broke.today}.`, next: 'reassign' }
  }
}
