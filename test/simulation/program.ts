import { SqliteRuns } from '../../src/agents/runs/runs.ts'
import { ShellRuntime } from '../../src/agents/runtimes/shell.ts'
import { type Assembly, assemble } from '../../src/assembly.ts'
import { botSettings } from '../../src/bot/settings.ts'
import { createLog, type Log } from '../../src/kernel/log.ts'
import type { Notices } from '../../src/kernel/notices.ts'
import { GateJobs } from '../../src/pipeline/gates/gate-jobs.ts'
import { Timers } from '../../src/pipeline/later/timers.ts'
import type { Reconciler } from '../../src/pipeline/reconcilers/reconciler.ts'
import type { ProjectSettings } from '../../src/pipeline/settings.ts'
import type { Worktrees } from '../../src/pipeline/worktrees.ts'
import type { ProcessHost } from '../../src/processes/process-host.ts'
import { Store } from '../../src/store/store.ts'
import { FakeBranchFacts } from '../support/fake-branch-facts.ts'
import { FakeTrunk } from '../support/fake-trunk.ts'
import { Life, mortal } from '../support/mortal.ts'
import { scriptedRuntime } from '../support/scripted-runtime.ts'
import { type Answered, Answerer } from './answerer.ts'
import { SimulatedCourier } from './courier.ts'
import { watchFairness } from './fairness.ts'
import { checkout, SimulatedGates } from './gates.ts'
import { idempotent, type Network } from './network.ts'
import { rooms, speakers } from './people.ts'
import { catchReconcilers, twice } from './reconcilers.ts'
import { ProgramClock } from './scheduler.ts'
import { isOfTheWorld, type World } from './world.ts'

const people = Object.values(speakers)
const settings = botSettings.parse({
  access: {
    admins: people.flatMap((one) => ('role' in one && one.role === 'admin' ? [one.id] : [])),
    members: people.flatMap((one) => ('role' in one && one.role === 'member' ? [one.id] : [])),
    viewers: people.flatMap((one) => ('role' in one && one.role === 'viewer' ? [one.id] : [])),
  },
  max_chat_runs: 2,
})

/** What outlives the programs. */
export interface Surroundings {
  readonly world: World
  readonly network: Network
  readonly answered: Answered[]
  readonly project: ProjectSettings
}

/** One start of the whole program in a simulated world. */
export class Program {
  readonly life = new Life()
  readonly clock: ProgramClock
  readonly store: Store
  readonly assembly: Assembly
  readonly reconcilers: readonly Reconciler[]
  readonly #world: World
  /** It is being stopped, and then it was stopped to the end. */
  isClosing = false
  isClosed = false

  /** Throws what the program throws that cannot be started. */
  constructor({ world, network, answered, project }: Surroundings) {
    const { life } = this
    const clock = new ProgramClock(world.scheduler, life)
    const { chance } = world
    this.#world = world
    this.clock = clock
    this.store = new Store(world.disk.connect(life), (flush) => {
      clock.after(chance.between(0, 4), flush)
    })
    const trunk = new FakeTrunk({
      base: world.base,
      branches: world.worktrees.branches,
      store: this.store,
      clock,
      delay: () => world.delay(),
      fault: (step) => world.gitFault(step),
    })
    const build = () =>
      assemble({
        store: this.store,
        clock,
        random: chance.number,
        log: this.#log(),
        project,
        bot: settings,
        baseBranch: 'main',
        worktrees: mortal<Worktrees>(world.worktrees, life),
        trunk,
        gates: new SimulatedGates(world, clock),
        facts: new FakeBranchFacts(),
        root: checkout,
        host: mortal<ProcessHost>(world.host, life),
        createRuntime: (agent) =>
          agent.runtime === 'shell' ? new ShellRuntime(agent, {}) : scriptedRuntime(),
        prepareRunFolder: () => '/run',
        runEnvironment: {},
        inUse: () => false,
        chatRun: new Answerer(world, clock, answered, settings.max_chat_runs),
        couriers: Object.keys(idempotent).map(
          (name) => new SimulatedCourier(name, world, network, clock),
        ),
        rooms: [rooms.hall, rooms.den],
        longestJournal: 20,
        version: 'simulated',
      })
    const { built, reconcilers } = catchReconcilers(build, {
      changed: (reconciler) =>
        world.doesAllTwice ? twice(reconciler, () => !life.over) : reconciler,
      hears: (key) => world.hears(() => `nobody hears of ${key}`),
    })
    this.assembly = built
    this.reconcilers = reconcilers
    this.#deafen(this.assembly.pipeline.changed)
    const { runs, timers, gateJobs } = this.assembly.services
    if (runs instanceof SqliteRuns) this.#deafen(runs.changed)
    if (timers instanceof Timers) this.#deafen(timers.changed)
    if (gateJobs instanceof GateJobs) this.#deafen(gateJobs.changed)
    watchFairness(this.assembly, (promise) => world.breaks(promise))
    if (world.isTraced) this.#traceTransitions()
  }

  /** What the command line does when it is told to end, or would do to be upgraded. */
  async shutDown(endsAgents: boolean): Promise<void> {
    this.isClosing = true
    if (endsAgents) await this.assembly.agents.stopAll()
    await this.assembly.stop()
    this.store.close()
  }

  /** Hints may be lost: whatever relies on one will be found out. */
  #deafen(hints: Notices<number>): void {
    const tell = hints.tell.bind(hints)
    hints.tell = (item) => {
      if (this.#world.hears(() => `nobody hears that #${item} has changed`)) tell(item)
    }
  }

  #log(): Log {
    const world = this.#world
    const write = (line: string) => {
      if (this.life.over) return
      const { level: _, time: __, pid: ___, hostname: ____, msg, err, ...facts } = JSON.parse(line)
      world.trace(() => `log: ${msg} ${JSON.stringify({ ...facts, err: err?.message })}`)
      if (err && !isOfTheWorld({ name: err.type, code: err.code }))
        world.breaks(`${msg} ${err.stack}`)
      if (msg.includes('had drifted')) world.breaks(msg)
      if (msg.startsWith('Landed, though')) world.landedElsewhere.add(facts.commit)
    }
    return createLog({ write }, world.isTraced ? 'info' : 'warn')
  }

  #traceTransitions(): void {
    this.assembly.pipeline.witness(({ item: { id }, entry: { event, from, to, by, note } }) =>
      this.#world.trace(
        `  #${id} ${from} -> ${to} (${event} by ${by.id}${note ? `: ${note}` : ''})`,
      ),
    )
  }
}
