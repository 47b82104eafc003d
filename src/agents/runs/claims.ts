import type { Log } from '../../kernel/log.ts'
import type { Item } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { AgentSettings } from '../../pipeline/settings.ts'
import type { Store } from '../../store/store.ts'
import type { Accounts } from '../accounts/accounts.ts'
import { attemptOf } from './attempt.ts'
import type { Postponements } from './postponements.ts'
import type { Run } from './run.ts'
import type { SqliteRuns } from './runs.ts'

export interface ClaimsParts {
  readonly store: Store
  readonly pipeline: Pick<Pipeline, 'history'>
  readonly runs: SqliteRuns
  readonly accounts: Accounts
  readonly postponements: Postponements
  /** What the programs that are told a model use with an agent that names none. */
  readonly defaultModel: string
  readonly log: Log
}

/** Takes what a run needs before anything is spawned: item, agent, and its account's first try. */
export class Claims {
  readonly #parts: ClaimsParts

  constructor(parts: ClaimsParts) {
    this.#parts = parts
  }

  /** Claims the item for the agent, whose run this account pays. */
  take(item: Item, agent: AgentSettings, account: string): Run {
    const { store, pipeline, runs, accounts, postponements, log } = this.#parts
    return store.transaction(() => {
      const attempt = attemptOf(item, pipeline, runs)
      const model = this.#modelOf(agent)
      const run = runs.claim({
        item: item.id,
        agent: agent.name,
        role: agent.stage,
        attempt,
        account,
        ...(model !== undefined && { model }),
      })
      accounts.claimed(run)
      postponements.clear(item.id)
      log.info({ run: run.id, item: item.id, agent: agent.name, attempt, account }, 'agent claimed')
      return run
    })
  }

  #modelOf({ model, runtime }: AgentSettings): string | undefined {
    return model ?? (runtime === 'claude-code' ? this.#parts.defaultModel : undefined)
  }
}
