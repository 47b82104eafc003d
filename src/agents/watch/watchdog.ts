import type { Spending } from '../money/spending.ts'
import type { AgentEvent } from '../runtime.ts'
import { Budget } from './budget.ts'
import type { Breach, Guard, Tick } from './guard.ts'
import { Leaving } from './leaving.ts'
import { Lifetime } from './lifetime.ts'
import type { RunLimits } from './limits.ts'
import { Loops } from './loops.ts'
import { Progress } from './progress.ts'
import { Silence } from './silence.ts'
import { ToolTime } from './tool-time.ts'
import { Turns } from './turns.ts'

export interface WatchdogParts {
  readonly limits: RunLimits
  /** Counts the run's money as the watchdog is told what it says. */
  readonly spending: Spending
  /** How old the run is already. */
  readonly ageMs: number
  /** Its program tells of a tool call only when it is over. */
  readonly callsAreLate?: boolean
}

/**
 * Minds all limits of one run. It is fed everything that the run has said since it began, also what
 * was read by an earlier start of this program, so that a restart forgives nothing that is counted;
 * only the clocks of silence, of progress and of one call begin anew.
 */
export class Watchdog {
  readonly #guards: readonly Guard[]
  readonly #lifetime: Lifetime
  readonly #leaving = new Leaving()

  constructor({ limits, spending, ageMs, callsAreLate = false }: WatchdogParts) {
    this.#guards = [
      new Budget(limits.max_budget_usd, spending),
      new Turns(limits),
      new Loops(),
      new ToolTime(limits.tool_timeout_secs),
      new Silence(limits.inactivity_timeout_secs, callsAreLate),
      new Progress(limits.progress_timeout_secs),
    ]
    this.#lifetime = new Lifetime(limits.run_timeout_secs, ageMs)
  }

  /** Something was printed; `events` is what was understood of it, and may be empty. */
  observe(events: readonly AgentEvent[]): void {
    this.#leaving.observe(events)
    for (const guard of this.#guards) guard.observe(events)
  }

  /** Why the run must be stopped now; undefined while it may go on. */
  check(tick: Tick): Breach | undefined {
    this.#leaving.pass(tick.elapsedMs)
    const own = tick.waits ? { ...tick, elapsedMs: 0 } : tick
    // Each of them has to learn of the time that has passed.
    const breaches = this.#guards.map((guard) => guard.check(own))
    return [...breaches, this.#lifetime.check(tick)].find((breach) => breach !== undefined)
  }

  /** It has told how it ended, ten seconds ago, and has not left: what it told counts. */
  get isOverdue(): boolean {
    return this.#leaving.overdue
  }
}
