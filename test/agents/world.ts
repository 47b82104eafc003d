import { onTestFinished } from 'vitest'
import { createCrew } from '../../src/agents/crew.ts'
import type { PrepareRunFolder } from '../../src/agents/runs/run-folder.ts'
import type { RunNotice } from '../../src/agents/runs/run-notice.ts'
import { SqliteRuns } from '../../src/agents/runs/runs.ts'
import type { Runtime } from '../../src/agents/runtime.ts'
import { ShellRuntime } from '../../src/agents/runtimes/shell.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { createLog, type Log } from '../../src/kernel/log.ts'
import { DocumentPipeline } from '../../src/pipeline/document/document-pipeline.ts'
import type { Gates } from '../../src/pipeline/gates.ts'
import type { Actor, Item, ItemDraft } from '../../src/pipeline/item.ts'
import { ReconcilerEngine } from '../../src/pipeline/reconcilers/engine.ts'
import { WorktreeCreate } from '../../src/pipeline/reconcilers/worktree-create.ts'
import { type AgentSettings, projectSettings } from '../../src/pipeline/settings.ts'
import type { Worktrees } from '../../src/pipeline/worktrees.ts'
import type { ProcessHost } from '../../src/processes/process-host.ts'
import { Store } from '../../src/store/store.ts'
import { elapse, elapseUntil } from '../support/elapse.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { green } from '../support/fake-gates.ts'
import { type FakeProcess, FakeProcessHost } from '../support/fake-process-host.ts'
import { FakeWorktrees } from '../support/fake-worktrees.ts'
import { memoryStore } from '../support/memory-store.ts'
import { Life, mortal } from '../support/mortal.ts'
import { TimedGates, type TimedGatesOptions } from '../support/timed-gates.ts'

export const anna: Actor = { kind: 'person', id: 'terminal:anna', name: 'Anna' }

/** What an agent does on an item; `count` is 1 for the first run that is started on it. */
export type Script = (agent: FakeProcess, item: number, count: number, world: World) => void

export interface WorldOptions {
  readonly agents?: readonly Record<string, unknown>[]
  readonly settings?: Record<string, unknown>
  readonly script?: Script
  readonly judge?: TimedGatesOptions['judge']
  /** How long each step of an operation takes, in ms. */
  readonly delay?: () => number
  readonly gateMs?: number
  /** The shell runtime by default. */
  readonly createRuntime?: (agent: AgentSettings) => Runtime
}

/** An agent that says a word, and commits its work after 50 ms. */
export const diligent: Script = (agent, item, count, { worktrees }) => {
  agent.say('working\n')
  agent.after(50, () => {
    worktrees.edit(item, `file-${count}`, `${count}`)
    worktrees.commit(item)
    agent.exit(0)
  })
}

/** A machine with a database, processes, worktrees and gates, which outlives the program. */
export class World {
  readonly clock = new FakeClock(1_000_000)
  readonly host: FakeProcessHost
  readonly worktrees: FakeWorktrees
  readonly gates: TimedGates
  readonly #store = memoryStore()
  /** What reconcilers failed with: a bug, or a fault that the test has put there. */
  readonly errors: string[] = []
  readonly #log = createLog({ write: (line) => this.#note(line) }, 'error')
  readonly #options: WorldOptions
  readonly #counts = new Map<number, number>()
  #agents: readonly Record<string, unknown>[]
  #program: Program | undefined

  constructor(options: WorldOptions = {}) {
    const { agents = [{ name: 'coder-1' }, { name: 'coder-2' }], script = diligent } = options
    const { clock } = this
    const delay = options.delay ?? (() => 0)
    this.#options = options
    this.#agents = agents
    onTestFinished(() => this.#store.close())
    this.worktrees = new FakeWorktrees({ clock, delay })
    this.gates = new TimedGates({
      clock,
      judge: options.judge ?? (() => green),
      duration: () => options.gateMs ?? delay(),
    })
    this.host = new FakeProcessHost({
      clock,
      delay,
      program: (process, { env }) => {
        const item = Number(env.HUSKIES_ITEM)
        const count = (this.#counts.get(item) ?? 0) + 1
        this.#counts.set(item, count)
        script(process, item, count, this)
      },
    })
  }

  get program(): Program {
    if (!this.#program) throw new Error('no program was started')
    return this.#program
  }

  /** How much of the disk is free, in bytes. */
  freeSpace = Number.POSITIVE_INFINITY

  start(): Program {
    const life = new Life()
    const clock = mortal(this.clock, life)
    const store = new Store(this.#store.db, (flush) => void clock.after(0, flush))
    const world = {
      clock,
      store,
      host: mortal<ProcessHost>(this.host, life),
      worktrees: mortal<Worktrees>(this.worktrees, life),
      gates: mortal<Gates>(this.gates, life),
      freeSpace: () => this.freeSpace,
      prepareRunFolder: () => '/run',
      ...(this.#options.createRuntime && { createRuntime: this.#options.createRuntime }),
    }
    const settings = projectSettings.parse({
      agent: this.#agents.map((agent) => ({ command: 'agent', ...agent })),
      ...this.#options.settings,
    })
    this.#program = { life, ...startProgram(world, settings, this.#log) }
    return this.#program
  }

  /** What project.toml names from the next start on. */
  useAgents(agents: readonly Record<string, unknown>[]): void {
    this.#agents = agents
  }

  /** As `kill -9` of the program: its agents live on. */
  crash(): void {
    this.program.life.end()
    this.host.crash()
    this.gates.crash()
    this.#program = undefined
  }

  elapse(ms: number): Promise<void> {
    return elapse(this.clock, ms)
  }

  until(condition: (program: Program) => boolean, limitMs?: number): Promise<void> {
    return elapseUntil(this.clock, () => condition(this.program), limitMs)
  }

  /** A started story. */
  story(draft: Partial<ItemDraft> = {}): Item {
    const { pipeline } = this.program
    const { id } = pipeline.create({ type: 'story', name: 'Something', ...draft }, anna)
    return pipeline.apply(id, { type: 'start' }, anna)
  }

  #note(line: string): void {
    const { err } = JSON.parse(line) as { err?: { message: string } }
    if (err) this.errors.push(err.message)
  }

  /** The living runs of an item, by what its processes say of themselves. */
  livingOn(item: number): readonly string[] {
    const runs = this.host.alive()
    return runs.filter((run) => this.host.launchOf(run)?.env.HUSKIES_ITEM === String(item))
  }
}

type Program = ReturnType<typeof startProgram> & { readonly life: Life }

interface Ports {
  readonly clock: Clock
  readonly store: Store
  readonly host: ProcessHost
  readonly worktrees: Worktrees
  readonly gates: Gates
  readonly environment?: Readonly<Record<string, string>>
  readonly createRuntime?: (agent: AgentSettings) => Runtime
  readonly inUse?: (run: string) => boolean
  readonly freeSpace?: () => number
  readonly prepareRunFolder?: PrepareRunFolder
}

const shell = (agent: AgentSettings) => new ShellRuntime(agent, { PATH: process.env.PATH ?? '' })

/** Starts what a program has of the pipeline and the agents, over fakes or the real thing. */
export function startProgram(
  ports: Ports,
  settings: ReturnType<typeof projectSettings.parse>,
  log: Log,
) {
  const { store, clock, worktrees } = ports
  const pipeline = new DocumentPipeline(store, clock, log, { maxRetries: settings.max_retries })
  const runs = new SqliteRuns(store, clock)
  const engine = new ReconcilerEngine({ clock, random: () => 0.5, log }, 30_000)
  engine.add(new WorktreeCreate(pipeline, worktrees, (item) => engine.hint(item)), 4)
  pipeline.changed.listen((item) => engine.hint(item))
  const { agents, accounts, ledger, notices } = createCrew(
    {
      environment: { GIT_CONFIG_COUNT: '0' },
      createRuntime: shell,
      random: () => 0.5,
      inUse: () => false,
      ...ports,
      pipeline,
      runs,
      log,
      settings,
      baseBranch: 'main',
    },
    engine,
  )
  const told: RunNotice[] = []
  notices.listen((notice) => told.push(notice))
  engine.start()
  return { store, pipeline, runs, engine, agents, accounts, ledger, notices, told }
}
