import type { Log } from '../../kernel/log.ts'
import type { Item } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { Reconciler } from '../../pipeline/reconcilers/reconciler.ts'
import type { Worktrees } from '../../pipeline/worktrees.ts'
import type { Store } from '../../store/store.ts'
import { attemptOf } from '../attempt.ts'
import type { Allowance } from '../money/allowance.ts'
import { chooseAgent, type PoolState, plan } from '../pool.ts'
import type { Roster } from '../roster.ts'
import type { SqliteRuns } from '../runs.ts'
import type { Orphans } from './orphans.ts'

export interface AutoAssignParts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly runs: SqliteRuns
  readonly worktrees: Worktrees
  readonly roster: Roster
  readonly orphans: Orphans
  readonly allowance: Allowance
  readonly log: Log
  readonly maxCoders: number
  /** Why no agent may start for want of disk space, in words that follow a colon. */
  readonly shortOfDisk: () => string | undefined
}

/**
 * Claims free agents for the items that need one. There is one key, because every choice depends on
 * all the others; it only writes claims, in one transaction, and `Launch` starts what is claimed.
 */
export class AutoAssign implements Reconciler {
  readonly name = 'auto-assign'
  readonly #parts: AutoAssignParts
  #closing = false

  constructor(parts: AutoAssignParts) {
    this.#parts = parts
  }

  keys(): Iterable<string> {
    return ['pool']
  }

  keysOf(): Iterable<string> {
    return ['pool']
  }

  async reconcile(): Promise<undefined> {
    const { store, pipeline, runs, orphans, log } = this.#parts
    if (orphans.waitingFor !== undefined) return undefined
    const items = [...pipeline.inStage('coding'), ...this.#inLaterStages()]
    const assignments = items.length > 0 ? plan(items, this.#state()) : []
    if (assignments.length === 0) return undefined
    store.transaction(() => {
      for (const { item, agent } of assignments) {
        const attempt = attemptOf(item, pipeline, runs)
        const run = runs.claim({ item: item.id, agent: agent.name, role: agent.stage, attempt })
        log.info({ run: run.id, item: item.id, agent: agent.name, attempt }, 'agent claimed')
      }
    })
    return undefined
  }

  /** Why no agent may take the item now; undefined when one may, and will soon. */
  why(item: Item): string | undefined {
    const choice = chooseAgent(item, this.#state())
    return choice.kind === 'none' ? choice.reason : undefined
  }

  /** Why no agent starts at all for want of disk space or money; undefined while there is enough. */
  get shortage(): string | undefined {
    return this.#parts.shortOfDisk() ?? this.#parts.allowance.spentToday
  }

  /** Nothing is claimed from now on: the program stops. */
  close(): void {
    this.#closing = true
  }

  /** Looked through only where there are agents for them. */
  #inLaterStages(): readonly Item[] {
    const { pipeline, roster } = this.#parts
    const stages = new Set(roster.settings.map(({ stage }) => stage))
    return [
      ...(stages.has('qa') ? pipeline.inStage('qa') : []),
      ...(stages.has('mergemaster') ? pipeline.inStage('merge-failure') : []),
    ]
  }

  #state(): PoolState {
    const { runs, worktrees, roster, allowance, maxCoders } = this.#parts
    return {
      agents: roster.settings,
      maxCoders,
      closed: this.#closed(),
      active: runs.active(),
      hasWorktree: (item) => worktrees.find(item) !== undefined,
      spentOn: (item) => allowance.spentOn(item),
    }
  }

  #closed(): string | undefined {
    if (this.#closing) return 'the program is stopping'
    if (this.#parts.pipeline.paused) return 'the pipeline is paused: "resume" goes on'
    return this.#parts.orphans.waitingFor ?? this.shortage
  }
}
