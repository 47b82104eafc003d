import type { Agents } from './agents/agents.ts'
import { type ChatProgram, createChatAgent } from './agents/chat/chat-agent.ts'
import { createCrew } from './agents/crew.ts'
import { Loads, type Machine } from './agents/loads.ts'
import { Breakdown } from './agents/money/breakdown.ts'
import { PermissionRules } from './agents/permission-rules.ts'
import { Verdicts } from './agents/qa-verdict.ts'
import { Retention } from './agents/reconcilers/retention.ts'
import { UncommittedWork } from './agents/reconcilers/uncommitted-work.ts'
import type { PrepareRunFolder } from './agents/run-folder.ts'
import { RunTokens } from './agents/run-tokens.ts'
import { SqliteRuns } from './agents/runs.ts'
import type { Runtime } from './agents/runtime.ts'
import { RunTools } from './agents/tools/run-tools.ts'
import type { OfferedTool } from './agents/tools/tool.ts'
import { Access } from './bot/access.ts'
import { AmbientRooms } from './bot/ambient.ts'
import { Asks } from './bot/asks.ts'
import { Bot } from './bot/bot.ts'
import { Bulletins } from './bot/bulletins.ts'
import type { ChatRun } from './bot/chat-run.ts'
import type { Courier } from './bot/courier.ts'
import { Delivery } from './bot/delivery.ts'
import { Guests } from './bot/guests.ts'
import { StoredInbox } from './bot/inbox.ts'
import { LiveMessages } from './bot/live-messages.ts'
import type { Place } from './bot/message.ts'
import { StoredOutbox } from './bot/outbox.ts'
import { Presence } from './bot/presence.ts'
import { Registry } from './bot/registry.ts'
import { ChatRetention } from './bot/retention.ts'
import type { BotSettings } from './bot/settings.ts'
import { allCommands } from './commands/all.ts'
import { createEntrust } from './commands/errands.ts'
import { gateJobReport } from './commands/gate-job-report.ts'
import { type Notification, notify } from './commands/notifications.ts'
import type { Services } from './commands/services.ts'
import { TellBulletins } from './commands/tell-bulletins.ts'
import type { Clock } from './kernel/clock.ts'
import type { Log } from './kernel/log.ts'
import type { Notices } from './kernel/notices.ts'
import type { BranchFacts } from './pipeline/branch-facts.ts'
import { DocumentPipeline } from './pipeline/document-pipeline.ts'
import { GateJobs } from './pipeline/gate-jobs.ts'
import { GateRecords } from './pipeline/gates/gate-records.ts'
import { SerialGates } from './pipeline/gates/serial-gates.ts'
import type { Gates } from './pipeline/gates.ts'
import { Journal } from './pipeline/journal.ts'
import type { JournalHead } from './pipeline/journal-head.ts'
import { MergeJudge } from './pipeline/merge-judge.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import { DependencyPromotion } from './pipeline/reconcilers/dependency-promotion.ts'
import { DoneSweep } from './pipeline/reconcilers/done-sweep.ts'
import { DueTimers } from './pipeline/reconcilers/due-timers.ts'
import { ReconcilerEngine } from './pipeline/reconcilers/engine.ts'
import { GateJobRunner } from './pipeline/reconcilers/gate-job-runner.ts'
import { JournalCompaction } from './pipeline/reconcilers/journal-compaction.ts'
import { MergeQueue } from './pipeline/reconcilers/merge-queue.ts'
import { WorktreeCleanup } from './pipeline/reconcilers/worktree-cleanup.ts'
import { WorktreeCreate } from './pipeline/reconcilers/worktree-create.ts'
import type { AgentSettings, ProjectSettings } from './pipeline/settings.ts'
import type { MakeSnapshot } from './pipeline/snapshot.ts'
import { Timers } from './pipeline/timers.ts'
import { Triggers } from './pipeline/triggers.ts'
import type { Trunk } from './pipeline/trunk.ts'
import type { Worktrees } from './pipeline/worktrees.ts'
import type { ProcessHost } from './processes/process-host.ts'
import type { Store } from './store/store.ts'

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
  /** Where the project's notifications go. */
  readonly rooms: readonly Place[]
  /** Which program this is. */
  readonly version: string
}

/** One project's program, put together and not started yet. */
export interface Assembly {
  readonly bot: Bot
  readonly pipeline: Pipeline
  readonly agents: Agents
  /** Whether the bot serves the person of this id. */
  readonly serves: (person: string) => boolean
  readonly registry: Registry
  readonly services: Services
  /** When each network was last heard of. */
  readonly presence: Presence
  /** What happens, as the project's rooms are told of it, for programs. */
  readonly notifications: Notices<Notification>
  /** Says something in the project's rooms. */
  announce(text: string): void
  /** The tools of whoever has this token; undefined where it is nobody's. */
  offeredTo(token: string): readonly OfferedTool[] | undefined
  /** Goes on with what an earlier program left, and with everything that is due. */
  start(): void
  /** Whether every message is answered, and every answer sent. */
  readonly answered: boolean
  /** Whether nothing runs and nothing would go on by itself. */
  readonly quiet: boolean
  /** Stops everything but the agents: those live on, to be adopted by the next start. */
  stop(): Promise<void>
}

const dayMs = 86_400_000

/** How many worktrees are made at a time: more would only wait for the disk. */
const worktreesAtOnce = 4

/** How many of the gates that people asked for run at a time. */
const gateJobsAtOnce = 2

/** Puts every room of the program together over `world`, which may be a simulated one. */
export function assemble(outside: World): Assembly {
  const world = { ...outside, gates: new SerialGates(outside.gates) }
  const { store, clock, log, project, worktrees } = world
  const pipeline = new DocumentPipeline(store, clock, log, {
    maxRetries: project.max_retries,
    head: world.head,
  })
  const runs = new SqliteRuns(store, clock)
  const outbox = new StoredOutbox(store, clock)
  const asks = new Asks({ ...world, outbox })
  const tokens = new RunTokens(store, runs)
  const permissionRules = new PermissionRules(store, clock)
  const tools = new RunTools({
    ...{ ...world, pipeline, tokens, asks, places: world.rooms, rules: permissionRules },
    verdicts: new Verdicts(store),
    permissionTimeoutMs: world.bot.permission_timeout_secs * 1000,
  })
  const { toolsUrl, chatProgram } = world
  const chatAgent =
    chatProgram &&
    toolsUrl &&
    createChatAgent({
      ...{ ...world, ...chatProgram, toolsUrl, outbox, asks, rules: permissionRules },
      ...{ directory: world.root, name: world.bot.name },
      permissionTimeoutMs: world.bot.permission_timeout_secs * 1000,
      commands: () => registry.commands,
      relay: (message) => bot.relay(message),
    })
  const chatRun = world.chatRun ?? chatAgent?.chatRun
  const engine = new ReconcilerEngine(world, project.watcher.reconcile_interval_secs * 1000)
  const crew = createCrew(
    {
      ...world,
      pipeline,
      runs,
      settings: project,
      environment: world.runEnvironment,
      ...(toolsUrl && { toolsFor: (run) => ({ url: toolsUrl(), token: tokens.issue(run) }) }),
      isWaiting: (run) => tools.isWaiting(run),
    },
    engine,
  )
  const isOccupied = (item: number) => runs.activeOf(item) !== undefined
  const gateRecords = new GateRecords(store, clock)
  const mergeQueue = new MergeQueue({
    ...world,
    pipeline,
    judge: new MergeJudge({ ...world, gateRecords, repeatOnce: project.gates.repeat_once }),
    base: world.baseBranch,
    batch: project.land === 'pr' ? 1 : project.merge.batch,
    recovers: project.agent.some(({ stage }) => stage === 'mergemaster'),
  })
  engine.add(new WorktreeCreate(pipeline, worktrees, (item) => engine.hint(item)), worktreesAtOnce)
  engine.add(new WorktreeCleanup(pipeline, worktrees, isOccupied), worktreesAtOnce)
  engine.add(new DependencyPromotion(pipeline))
  engine.add(
    new DoneSweep({
      ...{ store, pipeline, clock },
      retentionMs: project.watcher.done_retention_secs * 1000,
      intervalMs: project.watcher.sweep_interval_secs * 1000,
    }),
  )
  engine.add(mergeQueue)
  const renewIfWorn = () => store.transaction(() => pipeline.stored.renewIfWorn())
  engine.add(new JournalCompaction({ ...world, journal: new Journal(store), renewIfWorn }))
  engine.add(
    new Retention({
      ...{ storedRuns: () => [], ...world, runs, chat: new ChatRetention(store) },
      keepMs: world.bot.retention_days * dayMs,
    }),
  )
  const uncommitted = new UncommittedWork({ runs, worktrees })
  engine.add(uncommitted, worktreesAtOnce)
  pipeline.changed.listen((item) => engine.hint(item))

  const inbox = new StoredInbox(store)
  const delivery = new Delivery({ ...world, outbox })
  const guests = new Guests({ ...world, outbox })
  const access = new Access(world.bot.access, guests)
  const ambient = new AmbientRooms(store)
  const entrust = createEntrust({
    ...{ outbox, access, clock, timezone: project.timezone },
    bot: { relay: (message) => bot.relay(message) },
  })
  const timers = new Timers(store)
  const triggers = new Triggers(store)
  const gateJobs = new GateJobs(store)
  engine.add(new DueTimers({ store, timers, entrust, clock }))
  engine.add(
    new GateJobRunner({
      ...{ ...world, pipeline, jobs: gateJobs, gateRecords, isOccupied },
      defaultQa: project.default_qa,
      told: (job, outcome) =>
        outbox.enqueue({ ...job.asker.place, text: gateJobReport(job, outcome, pipeline) }),
    }),
    gateJobsAtOnce,
  )
  timers.changed.listen((item) => engine.hint(item))
  gateJobs.changed.listen((item) => engine.hint(item))
  const live = new LiveMessages({ ...world, outbox })
  const services: Services = {
    pipeline,
    worktrees,
    agents: crew.agents,
    runs,
    ledger: crew.ledger,
    breakdown: new Breakdown(store),
    newLoads: () => new Loads({ ...world, runs, machine: world.machine ?? idleMachine }),
    live,
    uncommitted,
    mergeQueue,
    gateRecords,
    gateJobs,
    measuresCoverage: world.coverage !== undefined,
    timers,
    triggers,
    timezone: project.timezone,
    facts: world.facts,
    asks,
    guests,
    rooms: {
      setAmbient: (place, on) => store.commit(() => ambient.set(place, on)),
      deafness: async (place) => courierOf(world, place)?.deafness?.(place),
    },
    permissionRules,
    chat: {
      cancel: (session) => bot.cancelChat(session),
      reset: (session) => chatAgent?.reset(session) ?? false,
    },
    version: world.version,
  }
  const registry = new Registry(allCommands(services))
  const bot: Bot = new Bot({
    ...world,
    names: [world.bot.name],
    typing: (place, on) => showTyping(world, place, on),
    settings: world.bot,
    registry,
    access,
    guests,
    ambient,
    asks,
    inbox,
    outbox,
    ...(chatRun && { chatRun }),
  })
  const { notify: wanted, ...joining } = world.bot
  const bulletins = new Bulletins({
    ...{ store, clock, outbox },
    windowMs: joining.aggregated_notifications_enabled
      ? joining.aggregated_notifications_poll_interval_secs * 1000
      : 0,
  })
  bulletins.waits.listen(engine.add(new TellBulletins(bulletins)))
  const notifications = notify({
    store,
    pipeline,
    runs: crew.notices,
    bulletins,
    places: world.rooms,
    kinds: wanted.kinds,
    baseBranch: world.baseBranch,
    accounts: crew.accounts,
    timezone: project.timezone,
    tellsSoftLimits: project.rate_limit_notifications,
  })
  pipeline.witness((transition) => timers.follow(transition))
  pipeline.witness((transition) => triggers.follow(transition, entrust))
  pipeline.witness((transition) => chatAgent?.follow(transition))

  return {
    bot,
    pipeline,
    notifications,
    agents: crew.agents,
    registry,
    services,
    presence: new Presence({ store, clock, outbox }),
    serves: (person) => access.roleOf(person) !== undefined,
    announce: (text) =>
      store.transaction(() => {
        for (const place of world.rooms) outbox.enqueue({ ...place, text })
      }),
    offeredTo: (token) => tools.offeredTo(token) ?? chatAgent?.offeredTo(token),
    start() {
      delivery.start()
      engine.start()
      bot.start()
    },
    get answered() {
      return bot.idle && delivery.idle
    },
    get quiet() {
      return bot.idle && delivery.idle && engine.idle && runs.active().every(isStuck)
    },
    async stop() {
      live.close()
      await bot.stop()
      await engine.stop()
      await delivery.stop()
    },
  }
}

const idleMachine = (): Machine => ({ load: [0, 0, 0], cores: 1 })

function showTyping({ couriers, log }: World, place: Place, on: boolean): void {
  courierOf({ couriers }, place)
    ?.typing?.(place, on)
    .catch((err) => log.debug({ err, place }, 'Typing is not shown.'))
}

function courierOf({ couriers }: Pick<World, 'couriers'>, place: Place): Courier | undefined {
  return couriers.find(({ name }) => name === place.transport)
}

/** A run whose processes resist their end waits for a person. */
function isStuck(run: { readonly survivors?: readonly number[] }): boolean {
  return run.survivors !== undefined
}
