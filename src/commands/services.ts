import type { Agents } from '../agents/agents.ts'
import type { Runs } from '../agents/run.ts'
import type { GateRecords } from '../pipeline/gates/gate-records.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { MergeQueue } from '../pipeline/reconcilers/merge-queue.ts'
import type { Worktrees } from '../pipeline/worktrees.ts'

/** What the commands need of the rest of the program, and no more than that. */
export interface Services {
  readonly pipeline: Pipeline
  readonly worktrees: Pick<Worktrees, 'find' | 'state' | 'diff' | 'recover'>
  readonly agents: Pick<Agents, 'list' | 'stop' | 'assign' | 'release' | 'why' | 'log'>
  readonly runs: Pick<Runs, 'active' | 'activeOf' | 'of'>
  readonly mergeQueue: Pick<MergeQueue, 'waiting'>
  readonly gateRecords: Pick<GateRecords, 'of'>
  readonly chat: {
    /** Cancels what is answered or waits to be answered in the session; false when nothing was. */
    cancel(session: string): Promise<boolean>
  }
  /** Which program is running: `0.1.0 (1a2b3c4)`. */
  readonly version: string
}
