import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import { Notices } from '../kernel/notices.ts'
import { GateRecords } from '../pipeline/gates/gate-records.ts'
import type { Gates } from '../pipeline/gates.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { ReconcilerEngine } from '../pipeline/reconcilers/engine.ts'
import type { AgentSettings, ProjectSettings } from '../pipeline/settings.ts'
import type { Worktrees } from '../pipeline/worktrees.ts'
import type { ProcessHost } from '../processes/process-host.ts'
import type { Store } from '../store/store.ts'
import { AccountWatch } from './accounts/account-watch.ts'
import { Accounts } from './accounts/accounts.ts'
import { Agents } from './agents.ts'
import { Recoveries } from './judging/commit-recovery.ts'
import { Verdicts } from './judging/qa-verdict.ts'
import { Allowance } from './money/allowance.ts'
import { Ledger } from './money/ledger.ts'
import { pricesWith } from './money/prices.ts'
import { OrderBook } from './orders/order-book.ts'
import { AutoAssign } from './reconcilers/auto-assign.ts'
import { Judge } from './reconcilers/judge.ts'
import { Launch } from './reconcilers/launch.ts'
import { Orphans } from './reconcilers/orphans.ts'
import { Supervise } from './reconcilers/supervise.ts'
import { Roster } from './roster.ts'
import { Claims } from './runs/claims.ts'
import { Postponements } from './runs/postponements.ts'
import type { Run } from './runs/run.ts'
import { type PrepareRunFolder, prepareRunFolder } from './runs/run-folder.ts'
import type { RunNotice } from './runs/run-notice.ts'
import type { SqliteRuns } from './runs/runs.ts'
import type { Runtime, ToolAccess } from './runtime.ts'

export interface CrewParts {
  readonly store: Store
  readonly pipeline: Pipeline
  readonly runs: SqliteRuns
  readonly worktrees: Worktrees
  readonly gates: Gates
  readonly host: ProcessHost
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly log: Log
  readonly settings: Pick<
    ProjectSettings,
    | 'agent'
    | 'account'
    | 'default_coder_model'
    | 'overage'
    | 'max_coders'
    | 'max_retries'
    | 'default_qa'
    | 'min_free_mb'
    | 'daily_budget_usd'
    | 'item_budget_usd'
    | 'timezone'
    | 'prices'
  >
  /** How much room there is where agents work, in bytes; enough where it is missing. */
  readonly freeSpace?: () => number
  /** On the disk where it is missing. */
  readonly prepareRunFolder?: PrepareRunFolder
  readonly baseBranch: string
  /** The program behind an agent. */
  readonly createRuntime: (agent: AgentSettings) => Runtime
  /** How a run reaches its tools; it has none where this is missing. */
  readonly toolsFor?: (run: Run) => ToolAccess
  /** Whether a run waits for one of them; none does where this is missing. */
  readonly isWaiting?: (run: string) => boolean
  /** What every run's environment has beside what its runtime gives it: the commit gate. */
  readonly environment: Readonly<Record<string, string>>
  /** Whether a gate or chat run of this id is under way in this very program. */
  readonly inUse: (run: string) => boolean
}

/** The agents of one project: what people ask of them, and what keeps them going. */
export interface Crew {
  readonly agents: Agents
  readonly accounts: Accounts
  readonly ledger: Ledger
  readonly allowance: Allowance
  readonly notices: Notices<RunNotice>
}

/** Puts the agents of one project together. Nothing happens before the engine is started. */
export function createCrew(parts: CrewParts, engine: ReconcilerEngine): Crew {
  const { settings, environment, createRuntime } = parts
  const notices = new Notices<RunNotice>()
  const roster = new Roster(settings.agent, createRuntime)
  const recoveries = new Recoveries(parts.store)
  const accounts = new Accounts({
    ...parts,
    accounts: settings.account,
    timezone: settings.timezone,
  })
  const postponements = new Postponements(parts.store)
  const defaultModel = settings.default_coder_model
  const claims = new Claims({ ...parts, accounts, postponements, defaultModel })
  const orders = new OrderBook({ ...parts, roster, recoveries, accounts })
  const orphans = new Orphans({ ...parts, cleared: () => engine.hintAll() })
  const ledger = new Ledger(parts.store, parts.clock)
  const allowance = new Allowance(ledger, parts.clock, settings)
  const accountWatch = new AccountWatch({
    ...parts,
    accounts,
    notices,
    mayOverrun: settings.overage,
  })
  const supervise = new Supervise({
    ...parts,
    roster,
    notices,
    ledger,
    allowance,
    priceOf: pricesWith(settings.prices),
    accounts,
    accountWatch,
    isWaiting: parts.isWaiting ?? (() => false),
  })
  const autoAssign = new AutoAssign({
    ...parts,
    roster,
    orphans,
    allowance,
    accounts,
    postponements,
    claims,
    defaultModel,
    maxCoders: settings.max_coders,
    shortOfDisk: watchDisk(parts.freeSpace ?? (() => Infinity), settings.min_free_mb),
  })
  const launch = new Launch({
    prepareRunFolder,
    ...parts,
    roster,
    orders,
    accounts,
    ledger,
    orphans,
    supervise,
    notices,
    environment,
  })
  const judge = new Judge({
    ...parts,
    recoveries,
    verdicts: new Verdicts(parts.store),
    postponements,
    gateRecords: new GateRecords(parts.store, parts.clock),
    roster,
    maxRetries: settings.max_retries,
    defaultQa: settings.default_qa,
  })
  engine.add(orphans)
  engine.add(autoAssign)
  engine.add(launch, startsAtOnce)
  // Each has a run of its own, and one that takes long to end must not keep the others waiting.
  engine.add(supervise, Number.POSITIVE_INFINITY)
  engine.add(judge, settings.max_coders)
  parts.runs.changed.listen((item) => engine.hint(item))
  accounts.freed.listen(() => engine.hintAll())
  return {
    agents: new Agents({
      ...parts,
      roster,
      autoAssign,
      supervise,
      allowance,
      accounts,
      postponements,
      claims,
    }),
    accounts,
    ledger,
    allowance,
    notices,
  }
}

/** Each makes a worktree and starts a program: more at once would only wait for the disk. */
const startsAtOnce = 4

function watchDisk(freeSpace: () => number, least: number): () => string | undefined {
  return () => {
    const free = Math.floor(freeSpace() / 1e6)
    if (free >= least) return undefined
    return `only ${free} MB of the disk are free, and agents start from ${least} MB on (min_free_mb in project.toml)`
  }
}
