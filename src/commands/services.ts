import type { Agents } from '../agents/agents.ts'
import type { ItemPlaces } from '../agents/item-places.ts'
import type { Verdicts } from '../agents/judging/qa-verdict.ts'
import type { Loads } from '../agents/loads.ts'
import type { Breakdown } from '../agents/money/breakdown.ts'
import type { Ledger } from '../agents/money/ledger.ts'
import type { UncommittedWork } from '../agents/reconcilers/uncommitted-work.ts'
import type { Runs } from '../agents/runs/run.ts'
import type { PermissionRules } from '../agents/tools/permission-rules.ts'
import type { Asks } from '../bot/asks.ts'
import type { Guests } from '../bot/guests.ts'
import type { LiveMessages } from '../bot/live-messages.ts'
import type { Place } from '../bot/message.ts'
import type { BranchFacts } from '../pipeline/branch-facts.ts'
import type { GateJobs } from '../pipeline/gates/gate-jobs.ts'
import type { GateRecords } from '../pipeline/gates/gate-records.ts'
import type { Timers } from '../pipeline/later/timers.ts'
import type { Triggers } from '../pipeline/later/triggers.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { MergeQueue } from '../pipeline/reconcilers/merge-queue.ts'
import type { Worktrees } from '../pipeline/worktrees.ts'

/** What the commands need of the rest of the program, and no more than that. */
export interface Services {
  readonly pipeline: Pipeline
  readonly worktrees: Pick<Worktrees, 'find' | 'all' | 'state' | 'diff' | 'remove' | 'recover'>
  readonly agents: Pick<
    Agents,
    | 'list'
    | 'stop'
    | 'assign'
    | 'release'
    | 'why'
    | 'parked'
    | 'wake'
    | 'wakeAll'
    | 'log'
    | 'shortage'
  >
  readonly runs: Pick<Runs, 'active' | 'activeOf' | 'of'>
  /** What qa runs have reported. */
  readonly verdicts: Pick<Verdicts, 'of'>
  /** What lies uncommitted where agents work. */
  readonly uncommitted: Pick<UncommittedWork, 'of'>
  readonly ledger: Pick<Ledger, 'ofRun' | 'ofItem' | 'since'>
  /** Begins to measure what the agents use. */
  readonly newLoads: () => Loads
  readonly live: Pick<LiveMessages, 'keep' | 'stop'>
  readonly breakdown: Pick<Breakdown, 'items' | 'agents' | 'runs'>
  readonly mergeQueue: Pick<MergeQueue, 'waiting'>
  readonly gateRecords: Pick<GateRecords, 'of'>
  readonly gateJobs: Pick<GateJobs, 'begin'>
  /** Whether the settings name a program for `coverage`. */
  readonly measuresCoverage: boolean
  readonly timers: Pick<Timers, 'set' | 'all' | 'remove'>
  readonly triggers: Pick<Triggers, 'add' | 'all' | 'remove'>
  /** The time zone of the times that people name. */
  readonly timezone: string
  readonly facts: BranchFacts
  readonly asks: Pick<Asks, 'answer'>
  readonly guests: Pick<Guests, 'admit'>
  readonly rooms: {
    /** Whether every message there is for the bot. */
    setAmbient(place: Place, on: boolean): Promise<void>
    /** What keeps the bot from hearing every message there; undefined where nothing does. */
    deafness(place: Place): Promise<string | undefined>
  }
  readonly itemPlaces: Pick<ItemPlaces, 'during'>
  readonly permissionRules: Pick<PermissionRules, 'all' | 'remove'>
  readonly chat: {
    /** Cancels what is answered or waits to be answered in the session; false when nothing was. */
    cancel(session: string): Promise<boolean>
    /** Forgets what was said there; false where nothing was. Part of a transaction. */
    reset(session: string): boolean
  }
  /** Which program is running: `0.1.0 (1a2b3c4)`. */
  readonly version: string
}
