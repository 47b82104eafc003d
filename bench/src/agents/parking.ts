import { join } from 'node:path'
import { createCrew } from '../../../src/agents/crew.ts'
import { SqliteRuns } from '../../../src/agents/runs/runs.ts'
import type { Outcome, Runtime } from '../../../src/agents/runtime.ts'
import { type Clock, systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import type { Gates } from '../../../src/pipeline/gates.ts'
import { ReconcilerEngine } from '../../../src/pipeline/reconcilers/engine.ts'
import { projectSettings } from '../../../src/pipeline/settings.ts'
import type { Worktrees } from '../../../src/pipeline/worktrees.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { BenchHost } from './host.ts'

/** What happens while an account is at its limit. */
export type Way = 'timer' | 'huskies' | 'restart' | 'clock'

export interface ParkingInput {
  readonly ways: readonly Way[]
  readonly rounds: number
  /** How long each limit lasts, in ms. */
  readonly limitMs: number
}

export interface ParkingResult {
  readonly way: Way
  /** Milliseconds from the end of each limit until its item is worked on again. */
  readonly late: readonly number[]
  /** How often an agent was started before that, in vain. */
  readonly wasted: number
}

const hourMs = 3_600_000
const anna = { kind: 'person', id: 'terminal:anna' } as const
const settings = projectSettings.parse({ agent: [{ name: 'coder', runtime: 'claude-code' }] })

/** How long after a limit its item goes on, when nobody waits a moment more on purpose. */
export async function measure({ ways, rounds, limitMs }: ParkingInput): Promise<ParkingResult[]> {
  const results: ParkingResult[] = []
  for (const way of ways) {
    const measured = []
    for (let round = 0; round < rounds; round++)
      measured.push(way === 'timer' ? await timed(limitMs) : await parked(way, limitMs))
    const late = measured.map((each) => each.lateMs)
    results.push({ way, late, wasted: measured.reduce((sum, each) => sum + each.wasted, 0) })
  }
  return results
}

async function timed(ms: number) {
  const until = Date.now() + ms
  await new Promise((resolve) => setTimeout(resolve, ms))
  return { lateMs: Date.now() - until, wasted: 0 }
}

async function parked(way: Way, limitMs: number) {
  using place = new BenchHost(0)
  const service = new Service(place, limitMs + (way === 'clock' ? hourMs : 0))
  let program = start(place, service)
  const { id } = program.pipeline.create({ type: 'story', name: 'Something' }, anna)
  program.pipeline.apply(id, { type: 'start' }, anna)
  await service.refused
  while (program.runs.active().length > 0) await wait(5)
  if (way === 'clock') service.ahead = hourMs
  if (way === 'restart') {
    await program.close()
    program = start(place, service)
  }
  await service.answered
  await program.engine.stop()
  await program.agents.stopAll()
  await program.close()
  return { lateMs: service.answeredAt - service.until, wasted: service.asked - 2 }
}

/** A service that refuses the first run until its limit ends, and whose clock may be set. */
class Service implements Runtime, Clock {
  readonly name = 'service'
  readonly #place: BenchHost
  readonly #refused = Promise.withResolvers<void>()
  readonly #answered = Promise.withResolvers<void>()
  readonly #limitMs: number
  ahead = 0
  until = 0
  asked = 0
  answeredAt = 0

  constructor(place: BenchHost, limitMs: number) {
    this.#place = place
    this.#limitMs = limitMs
  }

  get refused(): Promise<void> {
    return this.#refused.promise
  }

  get answered(): Promise<void> {
    return this.#answered.promise
  }

  now(): number {
    return systemClock.now() + this.ahead
  }

  after(ms: number, run: () => void) {
    return systemClock.after(ms, run)
  }

  launch() {
    this.asked++
    if (this.asked === 1) this.until = this.now() + this.#limitMs
    const isOver = this.now() >= this.until
    if (isOver) this.answeredAt = this.now()
    const done = isOver ? this.#answered : this.#refused
    done.resolve()
    return this.#place.launch('sh', '-c', isOver ? 'sleep 60' : 'echo limited; exit 1')
  }

  reader() {
    const outcome: Outcome = { kind: 'limited', reason: 'At its limit.', until: this.until }
    return { line: () => [], outcome: () => outcome }
  }
}

function start({ host, path }: BenchHost, service: Service) {
  const store = Store.open(join(path, 'pipeline.db'))
  migrate(store, 0)
  const pipeline = new DocumentPipeline(store, service, silentLog, { maxRetries: 3 })
  const runs = new SqliteRuns(store, service)
  const random = () => 0
  const engine = new ReconcilerEngine({ clock: service, random, log: silentLog }, 30_000)
  const worktrees = worktreesAt(path)
  const { agents } = createCrew(
    {
      ...{ store, pipeline, runs, worktrees, host, settings, random, gates },
      ...{ clock: service, log: silentLog, environment: {}, baseBranch: 'main' },
      createRuntime: () => service,
      prepareRunFolder: () => path,
      inUse: () => false,
    },
    engine,
  )
  pipeline.changed.listen((item) => engine.hint(item))
  engine.start()
  const close = async () => {
    await engine.stop()
    store.close()
  }
  return { pipeline, runs, engine, agents, close }
}

/** One folder for all: no git is measured here. */
function worktreesAt(path: string): Worktrees {
  const worktree = { item: 1, path, branch: 'feature/item-1' }
  const state = { branch: worktree.branch, head: '', ahead: 0, uncommitted: [], fingerprint: '' }
  return {
    ensure: async () => worktree,
    find: () => worktree,
    all: () => [worktree],
    state: async () => state,
    diff: async () => '',
    changes: async () => undefined,
    mergeBase: async () => [],
    unlock: () => {},
    remove: async () => undefined,
    recover: async () => undefined,
  }
}

const gates: Gates = {
  run: async () => ({ passed: true, output: '', durationMs: 0 }),
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
