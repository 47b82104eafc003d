import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createCrew } from '../../../src/agents/crew.ts'
import { SqliteRuns } from '../../../src/agents/runs/runs.ts'
import { createRuntime } from '../../../src/agents/runtimes/create-runtime.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { ReconcilerEngine } from '../../../src/pipeline/reconcilers/engine.ts'
import { WorktreeCreate } from '../../../src/pipeline/reconcilers/worktree-create.ts'
import { projectSettings } from '../../../src/pipeline/settings.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { FakeWorktrees } from '../../../test/support/fake-worktrees.ts'
import { BenchHost } from './host.ts'

export interface WatchingInput {
  readonly agents: number
  /** How much each has printed. */
  readonly kilobytes: number
}

export interface WatchingResult {
  /** Kilobytes of memory of this process that each running agent adds. */
  readonly huskies: number
  readonly pipes: number
  /** Part of one core that watching all of them takes while they are silent. */
  readonly cores: number
}

const few = 10

const someone = { kind: 'person', id: 'bench' } as const

/** What agents cost that run and are watched: in our memory, and of the processor while they think. */
export async function measure({ agents, kilobytes }: WatchingInput): Promise<WatchingResult> {
  const line = 'x'.repeat(99)
  const source = `i=0; while [ $i -lt ${kilobytes * 10} ]; do echo ${line}; i=$((i+1)); done; exec sleep 1000`
  // What is compiled and grows once is no agent's.
  await heldByPipes(few, source, kilobytes)
  await heldByCrew(few, source)
  const pipes = await heldByPipes(agents, source, kilobytes)
  const { memory, cores } = await heldByCrew(agents, source)
  return { huskies: memory, pipes, cores }
}

/** The least: a child for each, whose output is read from a pipe and thrown away. */
async function heldByPipes(agents: number, source: string, kilobytes: number): Promise<number> {
  const before = memory()
  let bytes = 0
  const children = Array.from({ length: agents }, () => {
    const child = spawn('sh', ['-c', source], { stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    return child
  })
  while (bytes < agents * kilobytes * 1000) await sleep(20)
  const each = (memory() - before) / agents / 1000
  for (const child of children) child.kill('SIGKILL')
  return each
}

async function heldByCrew(agents: number, source: string) {
  using place = new BenchHost(0)
  const names = Array.from({ length: agents }, (_, index) => `agent-${index}`)
  const settings = projectSettings.parse({
    max_coders: agents,
    agent: names.map((name) => ({ name, command: ['sh', '-c', source] })),
  })
  const store = Store.open(':memory:')
  migrate(store, 0)
  const [clock, log] = [systemClock, silentLog]
  const pipeline = new DocumentPipeline(store, clock, log, { maxRetries: 3 })
  const runs = new SqliteRuns(store, clock)
  const worktrees = new WorktreesIn(place.path)
  const engine = new ReconcilerEngine({ clock, log, random: Math.random }, 30_000)
  engine.add(new WorktreeCreate(pipeline, worktrees, (item) => engine.hint(item)), 4)
  const gates = { run: async () => ({ passed: true, output: '', durationMs: 0 }) as const }
  const crew = createCrew(
    {
      ...{ store, pipeline, runs, worktrees, gates, clock, log, settings, host: place.host },
      random: Math.random,
      baseBranch: 'main',
      createRuntime: createRuntime(settings, { PATH: process.env.PATH ?? '' }),
      environment: {},
      inUse: () => false,
    },
    engine,
  )
  for (const name of names) {
    const { id } = pipeline.create({ type: 'story', name }, someone)
    pipeline.apply(id, { type: 'start' }, someone)
  }
  const before = memory()
  pipeline.changed.listen((item) => engine.hint(item))
  engine.start()
  const printed = () => runs.active().filter(({ offset }) => offset > 0).length
  while (printed() < agents) await sleep(50)
  await sleep(2_000)
  const each = (memory() - before) / agents / 1000
  const start = process.cpuUsage()
  await sleep(5_000)
  const { user, system } = process.cpuUsage(start)
  await crew.agents.stopAll()
  await engine.stop()
  return { memory: each, cores: (user + system) / 1e6 / 5 }
}

/** All in one folder: no agent here touches a file. */
class WorktreesIn extends FakeWorktrees {
  readonly #path: string

  constructor(path: string) {
    super({ clock: systemClock, delay: () => 0 })
    this.#path = path
  }

  override async ensure(item: number, branch: string) {
    return { ...(await super.ensure(item, branch)), path: this.#path }
  }
}

/** Resident, after a collection of what is not needed any more. */
function memory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage.rss()
}
