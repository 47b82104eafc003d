import type { Agents } from './agents/agents.ts'
import { createChatAgent } from './agents/chat/chat-agent.ts'
import { createCrew } from './agents/crew.ts'
import { ItemPlaces } from './agents/item-places.ts'
import { Verdicts } from './agents/judging/qa-verdict.ts'
import { Loads, type Machine } from './agents/loads.ts'
import { Breakdown } from './agents/money/breakdown.ts'
import { pricesWith } from './agents/money/prices.ts'
import { RunTokens } from './agents/runs/run-tokens.ts'
import { SqliteRuns } from './agents/runs/runs.ts'
import { PermissionRules } from './agents/tools/permission-rules.ts'
import { RunTools } from './agents/tools/run-tools.ts'
import type { OfferedTool } from './agents/tools/tool.ts'
import { createMailroom } from './assembly/mailroom.ts'
import { addUpkeep } from './assembly/upkeep.ts'
import type { World } from './assembly/world.ts'
import { Bot } from './bot/bot.ts'
import { PersonCalls } from './bot/person-calls.ts'
import type { Presence } from './bot/presence.ts'
import { Registry } from './bot/registry.ts'
import { allCommands } from './commands/all.ts'
import { createEntrust } from './commands/errands.ts'
import { type Notification, notify } from './commands/notifications.ts'
import type { Services } from './commands/services.ts'
import { TellBulletins } from './commands/tell-bulletins.ts'
import type { Notices } from './kernel/notices.ts'
import { DocumentPipeline } from './pipeline/document/document-pipeline.ts'
import { SerialGates } from './pipeline/gates/serial-gates.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import { ReconcilerEngine } from './pipeline/reconcilers/engine.ts'

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
  /** What people call from programs of their own. */
  readonly calls: PersonCalls
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

/** Puts every room of the program together over `world`, which may be a simulated one. */
export function assemble(outside: World): Assembly {
  const world = { ...outside, gates: new SerialGates(outside.gates) }
  const { store, clock, log, project, toolsUrl } = world
  const pipeline = new DocumentPipeline(store, clock, log, {
    maxRetries: project.max_retries,
    head: world.head,
  })
  const runs = new SqliteRuns(store, clock)
  const mailroom = createMailroom(world)
  const { outbox, asks, access, bulletins } = mailroom
  const relay: Bot['relay'] = (message) => bot.relay(message)
  const tokens = new RunTokens(store, runs)
  const permissionRules = new PermissionRules(store, clock)
  const permissionTimeoutMs = world.bot.permission_timeout_secs * 1000
  const verdicts = new Verdicts(store)
  const itemPlaces = new ItemPlaces({
    store,
    rooms: world.rooms,
    isServed: (transport) => world.couriers.some(({ name }) => name === transport),
  })
  const tools = new RunTools({
    ...world,
    pipeline,
    tokens,
    asks,
    rules: permissionRules,
    verdicts,
    permissionTimeoutMs,
    placesOf: (item, role) => itemPlaces.of(item, role),
  })
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
  const chatAgent =
    world.chatProgram &&
    toolsUrl &&
    createChatAgent({
      ...world,
      ...world.chatProgram,
      toolsUrl,
      outbox,
      asks,
      rules: permissionRules,
      directory: world.root,
      name: world.bot.name,
      permissionTimeoutMs,
      relay,
      commands: () => registry.commands,
      priceOf: pricesWith(project.prices),
      spentToday: () => crew.allowance.spentToday,
      accounts: crew.accounts,
      mayOverrun: project.overage,
    })
  const chatRun = world.chatRun ?? chatAgent?.chatRun
  const entrust = createEntrust({
    outbox,
    access,
    clock,
    timezone: project.timezone,
    bot: { relay },
  })
  const upkeep = addUpkeep(engine, { world, pipeline, runs, ...mailroom, entrust })
  const services: Services = {
    ...mailroom,
    ...upkeep,
    ...crew,
    pipeline,
    runs,
    permissionRules,
    verdicts,
    itemPlaces,
    worktrees: world.worktrees,
    breakdown: new Breakdown(store),
    newLoads: () => new Loads({ ...world, runs, machine: world.machine ?? idleMachine }),
    measuresCoverage: world.coverage !== undefined,
    timezone: project.timezone,
    facts: world.facts,
    chat: {
      cancel: (session) => bot.cancelChat(session),
      reset: (session) => chatAgent?.reset(session) ?? false,
    },
    version: world.version,
  }
  const registry = new Registry(allCommands(services))
  const bot: Bot = new Bot({
    ...world,
    ...mailroom,
    registry,
    names: [world.bot.name],
    settings: world.bot,
    ...(chatRun && { chatRun }),
  })
  crew.accounts.freed.listen(() => bot.wakeChat())
  bulletins.waits.listen(engine.add(new TellBulletins(bulletins)))
  const notifications = notify({
    store,
    pipeline,
    bulletins,
    runs: crew.notices,
    places: world.rooms,
    kinds: world.bot.notify.kinds,
    baseBranch: world.baseBranch,
    accounts: crew.accounts,
    timezone: project.timezone,
    tellsSoftLimits: project.rate_limit_notifications,
  })
  pipeline.witness((transition) => chatAgent?.follow(transition))
  pipeline.witness((transition) => itemPlaces.follow(transition))

  return {
    bot,
    pipeline,
    notifications,
    registry,
    services,
    calls: new PersonCalls({
      ...world,
      ...mailroom,
      registry,
      place: world.rooms[0] ?? { transport: 'http', room: 'commands' },
    }),
    agents: crew.agents,
    presence: mailroom.presence,
    serves: (person) => access.roleOf(person) !== undefined,
    announce: mailroom.announce,
    offeredTo: (token) => tools.offeredTo(token) ?? chatAgent?.offeredTo(token),
    start() {
      mailroom.delivery.start()
      engine.start()
      bot.start()
    },
    get answered() {
      return bot.idle && mailroom.delivery.idle
    },
    get quiet() {
      const isResting = this.answered && engine.idle && runs.active().every(isStuck)
      return isResting && !crew.agents.waitsForTime
    },
    async stop() {
      mailroom.live.close()
      await bot.stop()
      await engine.stop()
      await mailroom.delivery.stop()
    },
  }
}

const idleMachine = (): Machine => ({ load: [0, 0, 0], cores: 1 })

/** A run whose processes resist their end waits for a person. */
function isStuck(run: { readonly survivors?: readonly number[] }): boolean {
  return run.survivors !== undefined
}
