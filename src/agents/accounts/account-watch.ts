import type { Clock } from '../../kernel/clock.ts'
import type { Notices } from '../../kernel/notices.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import type { Run } from '../runs/run.ts'
import type { RunNotice } from '../runs/run-notice.ts'
import type { SqliteRuns } from '../runs/runs.ts'
import type { AgentEvent } from '../runtime.ts'
import type { Accounts } from './accounts.ts'
import { heed, type Stop, type Throttled } from './heed.ts'

export interface AccountWatchParts {
  readonly runs: SqliteRuns
  readonly host: Pick<ProcessHost, 'exit'>
  readonly accounts: Accounts
  readonly notices: Notices<RunNotice>
  readonly clock: Clock
  /** Whether a run may go on when its account's paid overage is in use. */
  readonly mayOverrun: boolean
}

/** Heeds what living runs say of their accounts, long before they end. */
export class AccountWatch {
  readonly #parts: AccountWatchParts

  constructor(parts: AccountWatchParts) {
    this.#parts = parts
  }

  observe(run: Run, events: readonly AgentEvent[]): void {
    for (const event of events) this.#heed(run, event)
  }

  #heed(run: Run, event: AgentEvent): void {
    const { accounts, mayOverrun, clock } = this.#parts
    if (event.type === 'turn') accounts.answered(run)
    const consequence = heed(event, mayOverrun, clock.now())
    if (consequence?.kind === 'stop') this.#stop(run, consequence.outcome)
    else if (consequence?.kind === 'throttled') this.#throttle(run, consequence)
    else if (consequence) this.#unthrottle(run)
  }

  /** One that has ended by itself meanwhile is judged by that. */
  #stop(run: Run, outcome: Stop['outcome']): void {
    const { runs, host } = this.#parts
    if (runs.get(run.id)?.stop || host.exit(run.id)) return
    runs.stop(run, { reason: outcome.reason, by: 'account-watch', next: 'judge', outcome })
  }

  #throttle(run: Run, { until, overage }: Throttled): void {
    const { runs, notices, clock } = this.#parts
    const marked = runs.get(run.id)?.throttledUntil
    const throttled = marked === until ? undefined : runs.throttle(run, until)
    const isNews = marked === undefined || marked <= clock.now()
    if (throttled && isNews) notices.tell({ type: 'throttled', run: throttled, overage })
  }

  #unthrottle(run: Run): void {
    const { runs } = this.#parts
    if (runs.get(run.id)?.throttledUntil !== undefined) runs.throttle(run, undefined)
  }
}
