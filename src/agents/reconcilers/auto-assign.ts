import type { Clock } from '../../kernel/clock.ts'
import type { Item } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { LookAgain, Reconciler } from '../../pipeline/reconcilers/reconciler.ts'
import type { Worktrees } from '../../pipeline/worktrees.ts'
import type { Store } from '../../store/store.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Allowance } from '../money/allowance.ts'
import { type Assignment, type Choice, chooseAgent, type PoolState, plan } from '../pool.ts'
import type { Roster } from '../roster.ts'
import type { Claims } from '../runs/claims.ts'
import type { Postponements } from '../runs/postponements.ts'
import type { SqliteRuns } from '../runs/runs.ts'
import { unfinishedHelp } from '../unfinished-help.ts'
import type { Orphans } from './orphans.ts'

export interface AutoAssignParts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly runs: SqliteRuns
  readonly worktrees: Worktrees
  readonly roster: Roster
  readonly orphans: Orphans
  readonly allowance: Allowance
  readonly accounts: Accounts
  readonly postponements: Postponements
  readonly claims: Claims
  readonly clock: Clock
  readonly maxCoders: number
  /** Coders of another model start only by name. */
  readonly defaultModel: string
  /** Why no agent may start for want of disk space, in words that follow a colon. */
  readonly shortOfDisk: () => string | undefined
}

/** A limit ends by the clock on the wall: a timer does not notice that the machine slept. */
const longestLookMs = 5_000

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

  async reconcile(): Promise<LookAgain | undefined> {
    const { store, orphans, claims } = this.#parts
    if (orphans.waitingFor !== undefined) return undefined
    const items = this.#items()
    const help = unfinishedHelp(this.#parts)
    if (items.length + help.length === 0) return undefined
    const planned = plan(items, this.#state())
    const assignments = [...planned, ...this.#resumed(help, planned)]
    if (assignments.length > 0)
      store.transaction(() => {
        for (const { item, agent, account } of assignments) claims.take(item, agent, account)
      })
    return this.#nextLook()
  }

  /** The items that wait for a limit to end, or for an overloaded service, and why. */
  get parked(): ReadonlyMap<number, string> {
    const state = this.#state()
    return new Map(
      this.#items().flatMap((item) => {
        const choice = chooseAgent(item, state)
        return choice.kind === 'none' && choice.parked ? [[item.id, choice.reason]] : []
      }),
    )
  }

  /** Whether an item waits for nothing but a moment that will come: the end of a limit or a delay. */
  get waitsForTime(): boolean {
    if (this.#nextDue() === undefined) return false
    return this.parked.size > 0 || unfinishedHelp(this.#parts).length > 0
  }

  /** The agent that may take the item now and soon will, or why none may. */
  outlook(item: Item): Choice {
    return chooseAgent(item, this.#state())
  }

  /** Why no agent starts at all for want of disk space or money; undefined while there is enough. */
  get shortage(): string | undefined {
    return this.#parts.shortOfDisk() ?? this.#parts.allowance.spentToday
  }

  /** Nothing is claimed from now on: the program stops. */
  close(): void {
    this.#closing = true
  }

  /** Those in later stages are looked through only where there are agents for them. */
  #items(): readonly Item[] {
    const { pipeline, roster } = this.#parts
    const stages = new Set(roster.settings.map(({ stage }) => stage))
    return [
      ...pipeline.inStage('coding'),
      ...(stages.has('qa') ? pipeline.inStage('qa') : []),
      ...(stages.has('mergemaster') ? pipeline.inStage('merge-failure') : []),
    ]
  }

  /** Those that may go on now; of an account that is only tried, whoever is planned comes first. */
  #resumed(help: ReturnType<typeof unfinishedHelp>, planned: readonly Assignment[]): Assignment[] {
    const { accounts, allowance, worktrees } = this.#parts
    if (this.#closed() !== undefined) return []
    const probing = new Set(planned.map(({ account }) => account))
    return help.flatMap(({ item, agent }) => {
      const choice = accounts.choose(agent, probing)
      const isReady = worktrees.find(item.id) && allowance.spentOn(item.id) === undefined
      if (choice.kind === 'none' || !isReady) return []
      probing.add(choice.account)
      return [{ item, agent, account: choice.account }]
    })
  }

  /** When the next limit or delay is over; the interval pass would find it too, a little later. */
  #nextLook(): LookAgain | undefined {
    const due = this.#nextDue()
    if (due === undefined) return undefined
    return { afterMs: Math.min(longestLookMs, due - this.#parts.clock.now()) }
  }

  #nextDue(): number | undefined {
    const { accounts, postponements, clock } = this.#parts
    const due = [accounts.nextDue, postponements.next(clock.now())].flatMap((at) => at ?? [])
    return due.length === 0 ? undefined : Math.min(...due)
  }

  #state(): PoolState {
    const { runs, worktrees, roster, allowance, accounts, postponements, clock } = this.#parts
    return {
      agents: roster.settings,
      maxCoders: this.#parts.maxCoders,
      defaultModel: this.#parts.defaultModel,
      closed: this.#closed(),
      active: runs.active(),
      hasWorktree: (item) => worktrees.find(item) !== undefined,
      spentOn: (item) => allowance.spentOn(item),
      account: (agent, probing) => accounts.choose(agent, probing),
      postponed: (item) => postponements.of(item, clock.now()),
      lastAgent: (item) => runs.latestOf(item)?.agent,
    }
  }

  #closed(): string | undefined {
    if (this.#closing) return 'the program is stopping'
    if (this.#parts.pipeline.paused) return 'the pipeline is paused: "resume" goes on'
    return this.#parts.orphans.waitingFor ?? this.shortage
  }
}
