import { onTestFinished } from 'vitest'
import { createCrew } from '../../src/agents/crew.ts'
import { ItemPlaces } from '../../src/agents/item-places.ts'
import { Verdicts } from '../../src/agents/judging/qa-verdict.ts'
import { Loads } from '../../src/agents/loads.ts'
import { Breakdown } from '../../src/agents/money/breakdown.ts'
import { SqliteRuns } from '../../src/agents/runs/runs.ts'
import { ShellRuntime } from '../../src/agents/runtimes/shell.ts'
import { PermissionRules } from '../../src/agents/tools/permission-rules.ts'
import { Access } from '../../src/bot/access.ts'
import { Asks } from '../../src/bot/asks.ts'
import { Bot } from '../../src/bot/bot.ts'
import { Bulletins } from '../../src/bot/bulletins.ts'
import { Guests } from '../../src/bot/guests.ts'
import { StoredInbox } from '../../src/bot/inbox.ts'
import { LiveMessages } from '../../src/bot/live-messages.ts'
import type { Place } from '../../src/bot/message.ts'
import { type Queued, StoredOutbox } from '../../src/bot/outbox.ts'
import { Registry } from '../../src/bot/registry.ts'
import { botSettings } from '../../src/bot/settings.ts'
import { allCommands } from '../../src/commands/all.ts'
import { createEntrust } from '../../src/commands/errands.ts'
import { notify } from '../../src/commands/notifications.ts'
import { createLog } from '../../src/kernel/log.ts'
import { Problem } from '../../src/kernel/problem.ts'
import { GateJobs } from '../../src/pipeline/gates/gate-jobs.ts'
import { GateRecords } from '../../src/pipeline/gates/gate-records.ts'
import type { Gates } from '../../src/pipeline/gates.ts'
import { Timers } from '../../src/pipeline/later/timers.ts'
import { Triggers } from '../../src/pipeline/later/triggers.ts'
import { ReconcilerEngine } from '../../src/pipeline/reconcilers/engine.ts'
import { projectSettings } from '../../src/pipeline/settings.ts'
import type { StageEvent } from '../../src/pipeline/stage.ts'
import type { Changes, WorkState, Worktree, Worktrees } from '../../src/pipeline/worktrees.ts'
import type { ProcessHost } from '../../src/processes/process-host.ts'
import { project } from '../pipeline/project.ts'
import { FakeBranchFacts } from '../support/fake-branch-facts.ts'

const usual = projectSettings.parse({
  agent: [
    { name: 'coder-1', command: 'true' },
    { name: 'coder-2', command: 'true', model: 'quick' },
    { name: 'mender', stage: 'mergemaster', command: 'true' },
    { name: 'helper', stage: 'other', command: 'true' },
  ],
})

/** The people of the project: an admin, a member, a viewer. */
const names = { anna: 'Anna', max: 'Max', vera: 'Vera' }
type Who = keyof typeof names

export const networks = ['terminal', 'matrix', 'slack', 'telegram', 'whatsapp'] as const
const ids = (who: Who) => networks.map((network) => `${network}:${who}`)

/** The rooms that are told what happens; the terminal is where the others talk from, too. */
const team = { transport: 'matrix', room: '!team' }
const terminal = { transport: 'terminal', room: 'main' }

/**
 * The whole way of a command on a database in memory: bot, parser, registry, commands, pipeline,
 * runs and boxes are the real ones. No reconciler runs, so that nothing happens but what is said.
 */
export function openDesk({
  timezone = 'UTC',
  measuresCoverage = true,
  freeSpace = Number.POSITIVE_INFINITY,
  settings = usual,
  /** What bot.toml says of notifications. */
  told = {},
} = {}) {
  const { store, clock, pipeline } = project()
  const errors: string[] = []
  const log = createLog({ write: (line: string) => void errors.push(line) }, 'error')
  const runs = new SqliteRuns(store, clock)
  const worktrees = new FakeWorktrees()
  const host = new FakeHost()
  const gates: Gates = {
    run: async () => {
      throw new Error('No gates run here.')
    },
  }
  const engine = new ReconcilerEngine({ clock, log, random: () => 0.5 }, 30_000)
  const crew = createCrew(
    {
      ...{ store, clock, pipeline, runs, worktrees, host, gates, settings, log },
      baseBranch: 'main',
      createRuntime: (agent) => new ShellRuntime(agent, {}),
      environment: {},
      inUse: () => false,
      freeSpace: () => freeSpace,
      random: () => 0.5,
      prepareRunFolder: () => '/run',
    },
    engine,
  )
  const gateRecords = new GateRecords(store, clock)
  const outbox = new StoredOutbox(store, clock)
  const asks = new Asks({ store, outbox, clock, random: Math.random })
  const verdicts = new Verdicts(store)
  const itemPlaces = new ItemPlaces({ store, rooms: [terminal, team], isServed: () => true })
  const chats: string[] = []
  const waits = new Map<number, string>()
  const changes = new Map<number, Changes>()
  const timers = new Timers(store)
  const triggers = new Triggers(store)
  const gateJobs = new GateJobs(store)
  const facts = new FakeBranchFacts()
  const services = {
    ...{ pipeline, worktrees, runs, agents: crew.agents, version: '0.1.0 (1a2b3c4)' },
    guests: new Guests({ store, outbox, clock, random: Math.random }),
    rooms: { setAmbient: async () => {}, deafness: async () => undefined },
    ...{ asks, verdicts, itemPlaces, permissionRules: new PermissionRules(store, clock) },
    ...{ gateRecords, gateJobs, timers, triggers, facts, timezone, measuresCoverage },
    ...{ ledger: crew.ledger, breakdown: new Breakdown(store) },
    newLoads: () =>
      new Loads({ runs, host, clock, machine: () => ({ load: [1, 2, 3], cores: 4 }) }),
    live: new LiveMessages({
      ...{ store, outbox, clock, log },
      couriers: [{ name: 'terminal', capabilities: { edit: 'full', idempotentSend: false } }],
    }),
    mergeQueue: { waiting: (item: number) => waits.get(item) },
    chat: {
      cancel: async (session: string) => chats.includes(session),
      reset: () => false,
    },
    uncommitted: { of: (item: number) => changes.get(item) },
  }
  const commands = allCommands(services)
  const inbox = new StoredInbox(store)
  const access = new Access({
    admins: ids('anna'),
    members: ids('max'),
    viewers: ids('vera'),
  })
  const bot = new Bot({
    ...{ asks, access, store, clock, inbox, outbox, log, settings: botSettings.parse({}) },
    names: ['Huskies'],
    registry: new Registry(commands),
  })
  onTestFinished(() => bot.stop())
  const notifications = notify({
    ...{ store, pipeline, runs: crew.notices, accounts: crew.accounts, baseBranch: 'main' },
    ...{ timezone, tellsSoftLimits: true, kinds: botSettings.parse({ notify: told }).notify.kinds },
    bulletins: new Bulletins({ store, clock, outbox, windowMs: 0 }),
    places: [terminal, team],
  })
  const entrust = createEntrust({ bot, outbox, access, clock, timezone })
  pipeline.witness((transition) => itemPlaces.follow(transition))
  pipeline.witness((transition) => timers.follow(transition))
  pipeline.witness((transition) => triggers.follow(transition, entrust))

  let events = 0
  const queued = (room: Place) =>
    outbox
      .unfinished()
      .filter((each) => each.transport === room.transport && each.room === room.room)
  const textOf = ({ id }: Queued) => outbox.take(id).message.text
  /** Says something as one of the people above, on one of the networks, and returns the reply. */
  const say = async (text: string, who: Who = 'anna', transport = 'terminal'): Promise<string> => {
    const place = { transport, room: 'main' }
    const before = queued(place).length
    await bot.receive({
      ...{ ...place, text, eventId: String(events++), at: clock.now() },
      ...{ sender: { id: `${transport}:${who}`, name: names[who] }, direct: true, addressed: true },
    })
    while (!bot.idle) await new Promise(setImmediate)
    if (errors.length > 0) throw new Error(errors.join(''))
    return queued(place).slice(before).map(textOf).join('\n---\n')
  }
  const histories = () => pipeline.all().map(({ id }) => pipeline.history(id))
  return {
    ...{
      store,
      clock,
      pipeline,
      runs,
      worktrees,
      host,
      commands,
      chats,
      waits,
      changes,
      crew,
      gateRecords,
      verdicts,
      itemPlaces,
      gateJobs,
      timers,
      triggers,
      engine,
      entrust,
      notifications,
      facts,
      asks,
      bot,
      outbox,
      say,
    },
    /** Says several things, one after the other, and returns the last reply. */
    async sayAll(...texts: readonly string[]): Promise<string> {
      let reply = ''
      for (const text of texts) reply = await say(text)
      return reply
    },
    /** Moves an item as the program itself does. */
    happen(item: number, ...events: readonly StageEvent[]): void {
      for (const event of events) pipeline.apply(item, event, { kind: 'system', id: 'test' })
    },
    /** Waits until the bot has done what it was asked to, also what was asked to be said later. */
    async answered(): Promise<void> {
      while (!bot.idle) await new Promise(setImmediate)
    },
    /** What the team's room was told, in order. */
    told: () => queued(team).map(textOf),
    /** What the terminal was told, replies included. */
    heard: () => queued(terminal).map(textOf),
    /** Everything that a command could have changed. */
    everything: () => [
      ...[pipeline.all(), pipeline.paused, runs.active(), histories()],
      ...[timers.all(), triggers.all(), gateJobs.all(), worktrees.all()],
    ],
  }
}

export type Desk = ReturnType<typeof openDesk>

/** Worktrees that are only told about. */
class FakeWorktrees implements Worktrees {
  readonly kept = new Map<number, Worktree>()
  readonly removed = new Map<number, Worktree>()
  /** Those that git cannot work in. */
  readonly broken = new Set<number>()
  work: Partial<WorkState> = {}
  text = ''

  add(item: number): Worktree {
    const worktree = { item, path: `/trees/item-${item}`, branch: `feature/item-${item}` }
    this.kept.set(item, worktree)
    return worktree
  }

  async ensure(item: number): Promise<Worktree> {
    return this.kept.get(item) ?? this.add(item)
  }

  find(item: number): Worktree | undefined {
    return this.kept.get(item)
  }

  all(): readonly Worktree[] {
    return [...this.kept.values()]
  }

  unlock(): void {}

  async changes(): Promise<undefined> {}

  async state(item: number): Promise<WorkState> {
    if (this.broken.has(item)) throw new Problem('no-worktree', `Item ${item} has no worktree.`)
    const branch = `feature/item-${item}`
    return { branch, head: 'abc', ahead: 0, uncommitted: [], fingerprint: 'abc', ...this.work }
  }

  async diff(): Promise<string> {
    return this.text
  }

  async mergeBase(): Promise<readonly string[]> {
    return []
  }

  async remove(item: number): Promise<string | undefined> {
    const worktree = this.kept.get(item)
    if (!worktree) return undefined
    this.kept.delete(item)
    this.removed.set(item, worktree)
    return `refs/huskies/recovery/item-${item}/1`
  }

  async recover(item: number): Promise<Worktree | undefined> {
    return this.removed.get(item)
  }
}

/** Processes that have only said something. */
class FakeHost implements ProcessHost {
  said = ''
  used = { cpuMs: 0, memory: 0, processes: 0 }

  async start(): Promise<never> {
    throw new Error('Nothing starts here.')
  }

  isAlive(): boolean {
    return false
  }

  exit(): undefined {}

  read(_run: string, offset: number) {
    const bytes = Buffer.from(this.said).subarray(offset)
    return { bytes, offset: offset + bytes.length }
  }

  writtenAt(): undefined {}

  async kill() {
    return { survivors: [], unverified: [] }
  }

  usage() {
    return this.used
  }

  async living(): Promise<readonly string[]> {
    return []
  }

  discard(): void {}
}
