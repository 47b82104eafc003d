import type { Clock } from '../../kernel/clock.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import type { Allowance } from '../money/allowance.ts'
import type { Ledger } from '../money/ledger.ts'
import type { PriceOf } from '../money/prices.ts'
import { Spending } from '../money/spending.ts'
import type { Agent } from '../roster.ts'
import type { Run } from '../runs/run.ts'
import type { AgentEvent } from '../runtime.ts'
import type { Breach } from './guard.ts'
import { Watchdog } from './watchdog.ts'

export interface RunWatchParts {
  readonly host: Pick<ProcessHost, 'usage'>
  readonly ledger: Ledger
  readonly allowance: Allowance
  readonly priceOf: PriceOf
  readonly clock: Clock
  /** Whether a run waits for one of our own tools. */
  readonly isWaiting: (run: string) => boolean
}

/** How often at most what a run costs is stored. */
const storeEveryMs = 1_000

/** One run under watch: what it costs goes into the ledger while it runs, what it breaks comes back. */
export class RunWatch {
  readonly #parts: RunWatchParts
  readonly #run: Run
  readonly #spending: Spending
  readonly #watchdog: Watchdog
  #storedAt = Number.NEGATIVE_INFINITY
  #stored = 0

  constructor(parts: RunWatchParts, run: Run, { settings, runtime }: Agent) {
    this.#parts = parts
    this.#run = run
    this.#spending = new Spending(run.model ?? settings.model, parts.priceOf)
    const ageMs = Math.max(0, parts.clock.now() - run.startedAt)
    this.#watchdog = new Watchdog({
      limits: settings,
      spending: this.#spending,
      ageMs,
      callsAreLate: runtime.tellsCallsLate ?? false,
    })
  }

  /** Everything that the run says, in order, also what an earlier start of this program has read. */
  observe(events: readonly AgentEvent[]): void {
    this.#watchdog.observe(events)
  }

  /** Why the run must not go on, `elapsedMs` after the look before; only once all of it was observed. */
  check(elapsedMs: number): Breach | undefined {
    const { host, allowance, clock, isWaiting } = this.#parts
    if (clock.now() - this.#storedAt >= storeEveryMs) this.#store()
    return this.#watchdog.check({
      elapsedMs,
      waits: isWaiting(this.#run.id),
      cpuMs: () => host.usage(this.#run.id).cpuMs,
      broke: { item: allowance.spentOn(this.#run.item), today: allowance.spentToday },
    })
  }

  /** It has told how it ended, and does not leave: what it told counts. */
  get isOverdue(): boolean {
    return this.#watchdog.isOverdue
  }

  /** It is dead, and all of it was observed. */
  settle(): void {
    this.#store()
  }

  #store(): void {
    const { ledger, clock } = this.#parts
    this.#storedAt = clock.now()
    const { usd, totals } = this.#spending
    // Most looks, and all runs of a shell script, cost nothing.
    if (usd === this.#stored && !totals) return
    this.#stored = usd
    ledger.record(this.#run, this.#spending)
  }
}
