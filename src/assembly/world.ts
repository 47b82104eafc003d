import type { ChatProgram } from '../agents/chat/chat-agent.ts'
import type { Machine } from '../agents/loads.ts'
import type { PrepareRunFolder } from '../agents/runs/run-folder.ts'
import type { Runtime } from '../agents/runtime.ts'
import type { ChatRun } from '../bot/chat-run.ts'
import type { Courier } from '../bot/courier.ts'
import type { Place } from '../bot/message.ts'
import type { BotSettings } from '../bot/settings.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { BranchFacts } from '../pipeline/branch-facts.ts'
import type { JournalHead } from '../pipeline/document/journal-head.ts'
import type { MakeSnapshot } from '../pipeline/document/snapshot.ts'
import type { Gates } from '../pipeline/gates.ts'
import type { AgentSettings, ProjectSettings } from '../pipeline/settings.ts'
import type { Trunk } from '../pipeline/trunk.ts'
import type { Worktrees } from '../pipeline/worktrees.ts'
import type { ProcessHost } from '../processes/process-host.ts'
import type { Store } from '../store/store.ts'

/** Everything that the program meets outside itself. */
export interface World {
  /** Migrated. */
  readonly store: Store
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  readonly log: Log
  readonly project: ProjectSettings
  readonly bot: BotSettings
  readonly baseBranch: string
  /** How far the journal was stored, beside a database that is a file. */
  readonly head?: JournalHead
  /** How much room there is where agents work, in bytes; enough where it is missing. */
  readonly freeSpace?: () => number
  /** What the machine is busy with; nothing where it is missing. */
  readonly machine?: () => Machine
  /** The ids of all runs that have files; none where it is missing. */
  readonly storedRuns?: () => readonly string[]
  /** In this very thread where it is missing. */
  readonly makeSnapshot?: MakeSnapshot
  /** A journal with more updates than this is compacted; 1 000 where it is missing. */
  readonly longestJournal?: number
  readonly worktrees: Worktrees
  readonly trunk: Trunk
  readonly gates: Gates
  /** Runs what the project's settings name for `coverage`. */
  readonly coverage?: Gates
  readonly facts: BranchFacts
  /** The project's own checkout. */
  readonly root: string
  readonly host: ProcessHost
  readonly createRuntime: (agent: AgentSettings) => Runtime
  /** On the disk where it is missing. */
  readonly prepareRunFolder?: PrepareRunFolder
  /** Where agents reach their tools; they get none where it is missing. */
  readonly toolsUrl?: () => string
  /** What every agent's environment has beside what its runtime gives it. */
  readonly runEnvironment: Readonly<Record<string, string>>
  /** Whether a gate or chat run of this id is under way in this very program. */
  readonly inUse: (run: string) => boolean
  readonly chatRun?: ChatRun
  /** The coding agent that answers free text, where nothing else does. */
  readonly chatProgram?: ChatProgram
  readonly couriers: readonly Courier[]
  /** Where the files lie that people have sent; they stay on their networks where it is missing. */
  readonly filesFolder?: string
  /** Where the project's notifications go. */
  readonly rooms: readonly Place[]
  /** Which program this is. */
  readonly version: string
}
