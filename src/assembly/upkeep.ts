import { Retention } from '../agents/reconcilers/retention.ts'
import { UncommittedWork } from '../agents/reconcilers/uncommitted-work.ts'
import type { SqliteRuns } from '../agents/runs/runs.ts'
import { ChatRetention } from '../bot/retention.ts'
import { gateJobReport } from '../commands/gate-job-report.ts'
import type { DocumentPipeline } from '../pipeline/document/document-pipeline.ts'
import { Journal } from '../pipeline/document/journal.ts'
import { GateJobs } from '../pipeline/gates/gate-jobs.ts'
import { GateRecords } from '../pipeline/gates/gate-records.ts'
import type { Entrust } from '../pipeline/later/errand.ts'
import { Timers } from '../pipeline/later/timers.ts'
import { Triggers } from '../pipeline/later/triggers.ts'
import { MergeJudge } from '../pipeline/merge/merge-judge.ts'
import { DependencyPromotion } from '../pipeline/reconcilers/dependency-promotion.ts'
import { DoneSweep } from '../pipeline/reconcilers/done-sweep.ts'
import { DueTimers } from '../pipeline/reconcilers/due-timers.ts'
import type { ReconcilerEngine } from '../pipeline/reconcilers/engine.ts'
import { GateJobRunner } from '../pipeline/reconcilers/gate-job-runner.ts'
import { JournalCompaction } from '../pipeline/reconcilers/journal-compaction.ts'
import { MergeQueue } from '../pipeline/reconcilers/merge-queue.ts'
import { WorktreeCleanup } from '../pipeline/reconcilers/worktree-cleanup.ts'
import { WorktreeCreate } from '../pipeline/reconcilers/worktree-create.ts'
import type { Mailroom } from './mailroom.ts'
import type { World } from './world.ts'

const dayMs = 86_400_000

/** How many worktrees are made at a time: more would only wait for the disk. */
const worktreesAtOnce = 4

/** How many of the gates that people asked for run at a time. */
const gateJobsAtOnce = 2

export interface UpkeepParts {
  readonly world: World
  readonly pipeline: DocumentPipeline
  readonly runs: SqliteRuns
  readonly outbox: Mailroom['outbox']
  readonly attachments?: Mailroom['attachments']
  readonly entrust: Entrust
}

/** Gives the engine every reconciler but those of the agents, and returns what commands use of them. */
export function addUpkeep(engine: ReconcilerEngine, parts: UpkeepParts) {
  const { world, pipeline, runs, outbox, attachments, entrust } = parts
  const { store, clock, project, worktrees } = world
  const isOccupied = (item: number) => runs.activeOf(item) !== undefined
  /** Whether an item on the board may still need the files there. */
  const isNamed = (folder: string) => pipeline.all().some(({ body }) => body.includes(`${folder}/`))
  const gateRecords = new GateRecords(store, clock)
  const mergeQueue = new MergeQueue({
    ...world,
    pipeline,
    judge: new MergeJudge({ ...world, gateRecords, repeatOnce: project.gates.repeat_once }),
    base: world.baseBranch,
    batch: project.land === 'pr' ? 1 : project.merge.batch,
    recovers: project.agent.some(({ stage }) => stage === 'mergemaster'),
  })
  const uncommitted = new UncommittedWork({ runs, worktrees })
  const timers = new Timers(store)
  const triggers = new Triggers(store)
  const gateJobs = new GateJobs(store)
  const renewIfWorn = () => store.transaction(() => pipeline.stored.renewIfWorn())

  engine.add(new WorktreeCreate(pipeline, worktrees, (item) => engine.hint(item)), worktreesAtOnce)
  engine.add(new WorktreeCleanup(pipeline, worktrees, isOccupied), worktreesAtOnce)
  engine.add(new DependencyPromotion(pipeline))
  engine.add(
    new DoneSweep({
      store,
      pipeline,
      clock,
      retentionMs: project.watcher.done_retention_secs * 1000,
      intervalMs: project.watcher.sweep_interval_secs * 1000,
    }),
  )
  engine.add(mergeQueue)
  engine.add(new JournalCompaction({ ...world, journal: new Journal(store), renewIfWorn }))
  engine.add(
    new Retention({
      storedRuns: () => [],
      ...world,
      runs,
      chat: new ChatRetention(store),
      ...(attachments && { forgetFiles: (before) => attachments.forget(before, isNamed) }),
      keepMs: world.bot.retention_days * dayMs,
    }),
  )
  engine.add(uncommitted, worktreesAtOnce)
  engine.add(new DueTimers({ store, timers, entrust, clock }))
  engine.add(
    new GateJobRunner({
      ...world,
      pipeline,
      jobs: gateJobs,
      gateRecords,
      isOccupied,
      defaultQa: project.default_qa,
      told: (job, outcome) =>
        outbox.enqueue({ ...job.asker.place, text: gateJobReport(job, outcome, pipeline) }),
    }),
    gateJobsAtOnce,
  )
  timers.changed.listen((item) => engine.hint(item))
  gateJobs.changed.listen((item) => engine.hint(item))
  pipeline.changed.listen((item) => engine.hint(item))
  pipeline.witness((transition) => timers.follow(transition))
  pipeline.witness((transition) => triggers.follow(transition, entrust))
  return { mergeQueue, uncommitted, gateRecords, gateJobs, timers, triggers }
}
