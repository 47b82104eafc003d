import type { Clock } from '../../kernel/clock.ts'
import { dollars } from '../../pipeline/cost.ts'
import { startOfDay } from '../../pipeline/later/local-time.ts'
import type { ProjectSettings } from '../../pipeline/settings.ts'
import type { Ledger } from './ledger.ts'

/** What an item, and a day in the project's time zone, may cost. */
export type Budgets = Pick<ProjectSettings, 'item_budget_usd' | 'daily_budget_usd' | 'timezone'>

/** Holds what was spent against what may be: nothing starts beyond it. */
export class Allowance {
  readonly #ledger: Ledger
  readonly #clock: Clock
  readonly #budgets: Budgets

  constructor(ledger: Ledger, clock: Clock, budgets: Budgets) {
    this.#ledger = ledger
    this.#clock = clock
    this.#budgets = budgets
  }

  /** Why no agent starts at all, to follow a colon; undefined while there is money. */
  get spentToday(): string | undefined {
    const { daily_budget_usd: budget, timezone } = this.#budgets
    if (budget === undefined) return undefined
    const { usd } = this.#ledger.since(startOfDay(timezone, this.#clock.now()))
    if (usd < budget) return undefined
    return `this day has cost ${dollars(usd)}, and may cost ${dollars(budget)} (daily_budget_usd in project.toml)`
  }

  /** Why no agent starts on this item, to follow a colon; undefined while there is money. */
  spentOn(item: number): string | undefined {
    const budget = this.#budgets.item_budget_usd
    if (budget === undefined) return undefined
    const { usd } = this.#ledger.ofItem(item)
    if (usd < budget) return undefined
    return `it has cost ${dollars(usd)}, and may cost ${dollars(budget)} (item_budget_usd in project.toml)`
  }
}
