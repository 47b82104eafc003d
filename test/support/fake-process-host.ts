import { type Clock, pause, type Timer } from '../../src/kernel/clock.ts'
import { Problem } from '../../src/kernel/problem.ts'
import type {
  KillReport,
  Launch,
  OutputChunk,
  ProcessHost,
  ProcessIdentity,
  RunExit,
  Usage,
} from '../../src/processes/process-host.ts'

/** What a simulated program does: it is called when it starts, and acts through its process. */
export type FakeProgram = (process: FakeProcess, launch: Launch) => void

export interface FakeProcessHostOptions {
  readonly clock: Clock
  readonly program: FakeProgram
  /** How long each step of an operation takes, in ms; 0 by default. */
  readonly delay?: () => number
}

/** What a start may suffer: nothing, an error before anything was spawned, or one after it was. */
export type StartFault = 'none' | 'before' | 'after'

interface Tree {
  readonly run: string
  readonly launch: Launch
  readonly main: FakeProcess
  readonly daemons: Set<FakeDaemon>
}

interface FakeDaemon {
  readonly name: string
  readonly pid: number
  readonly obeysTerm: boolean
  readonly obeysKill: boolean
}

const graceMs = 5_000
const lastMs = 2_000

/**
 * A machine's processes, on virtual time. It outlives the simulated program: what was started goes
 * on, and what was written stays. It holds to the real host's contract, and throws where a caller
 * breaks it.
 */
export class FakeProcessHost implements ProcessHost {
  /** Every spawn, in order. */
  readonly launches: { readonly run: string; readonly launch: Launch; readonly at: number }[] = []
  /** Processes that cannot be looked into; while there are any, no kill is verified. */
  readonly unreadable = new Set<number>()
  /** Called after each spawn, when the process is alive and has done nothing yet. */
  onSpawn: (run: string) => void = () => {}
  /** Asked at each start. */
  startFault: (run: string) => StartFault = () => 'none'
  readonly #options: FakeProcessHostOptions
  readonly #trees = new Map<string, Tree>()
  readonly #outputs = new Map<string, Buffer>()
  readonly #writtenAt = new Map<string, number>()
  readonly #exits = new Map<string, RunExit>()
  readonly #kills = new Map<string, Promise<KillReport>>()
  #boot = 1
  #start = 1
  #pid = 1_000

  constructor(options: FakeProcessHostOptions) {
    this.#options = options
  }

  async start(run: string, launch: Launch): Promise<ProcessIdentity> {
    const { clock, program } = this.#options
    const fault = this.startFault(run)
    if (fault === 'before') throw systemError('EAGAIN', 'no more processes')
    if (this.#outputs.has(run)) throw new Error(`run ${run} was started already`)
    if (launch.command === 'missing')
      throw new Problem('cannot-start', 'The program missing cannot be found: correct its name.')
    this.#outputs.set(run, Buffer.alloc(0))
    const main = new FakeProcess(this.#pid++, clock, {
      say: (text) => this.#write(run, text),
      exited: (code) => this.#exited(run, code),
      daemon: (daemon) => this.#daemon(run, daemon),
    })
    this.#trees.set(run, { run, launch, main, daemons: new Set() })
    this.launches.push({ run, launch, at: clock.now() })
    const identity = { pid: main.pid, startTime: String(this.#start++), bootId: this.#bootId }
    this.onSpawn(run)
    program(main, launch)
    await this.#pass()
    if (fault === 'after') throw systemError('EIO', 'nobody knows whether it was started')
    return identity
  }

  isAlive({ pid, bootId }: ProcessIdentity): boolean {
    const main = [...this.#trees.values()].find((tree) => tree.main.pid === pid)?.main
    return bootId === this.#bootId && main?.alive === true
  }

  exit(run: string): RunExit | undefined {
    return this.#exits.get(run)
  }

  read(run: string, offset: number, into: Uint8Array = new Uint8Array(65_536)): OutputChunk {
    const output = this.#outputs.get(run) ?? Buffer.alloc(0)
    const bytes = output.subarray(offset, offset + into.length)
    into.set(bytes)
    return { bytes: into.subarray(0, bytes.length), offset: offset + bytes.length }
  }

  writtenAt(run: string): number | undefined {
    return this.#writtenAt.get(run)
  }

  kill(run: string): Promise<KillReport> {
    const under = this.#kills.get(run)
    if (under) return under
    const kill = this.#kill(run).finally(() => {
      if (this.#kills.get(run) === kill) this.#kills.delete(run)
    })
    this.#kills.set(run, kill)
    return kill
  }

  usage(run: string): Usage {
    const tree = this.#trees.get(run)
    if (!tree || !this.#isAlive(run)) return { cpuMs: 0, memory: 0, processes: 0 }
    const { cpuMs, memory } = tree.main
    return { cpuMs, memory, processes: (tree.main.alive ? 1 : 0) + tree.daemons.size }
  }

  async living(): Promise<readonly string[]> {
    await this.#pass()
    return this.alive()
  }

  discard(run: string): void {
    if (this.#isAlive(run)) throw new Error(`the files of ${run}, which lives, were discarded`)
    this.#outputs.delete(run)
    this.#writtenAt.delete(run)
    this.#exits.delete(run)
    this.#trees.delete(run)
  }

  /** The runs of which a process lives. */
  alive(): readonly string[] {
    return [...this.#trees.keys()].filter((run) => this.#isAlive(run))
  }

  /** How the living run `run` was started. */
  launchOf(run: string): Launch | undefined {
    return this.#trees.get(run)?.launch
  }

  /** The program that starts, watches and kills is gone; whom it was just killing got its TERM only. */
  crash(): void {
    this.#kills.clear()
    this.#generation += 1
  }

  /** The machine starts anew: no process is left, and no exit of a running program was written. */
  reboot(): void {
    this.crash()
    this.#boot += 1
    for (const { main, daemons } of this.#trees.values()) {
      main.vanish()
      daemons.clear()
    }
  }

  #generation = 0

  get #bootId(): string {
    return `boot-${this.#boot}`
  }

  #isAlive(run: string): boolean {
    const tree = this.#trees.get(run)
    return tree !== undefined && (tree.main.alive || tree.daemons.size > 0)
  }

  async #kill(run: string): Promise<KillReport> {
    const generation = this.#generation
    await this.#pass()
    const tree = this.#trees.get(run)
    if (tree) await this.#end(tree, generation)
    const daemons = [...(tree?.daemons ?? [])].map(({ pid, name }) => ({ pid, name }))
    const main = tree?.main.alive ? [{ pid: tree.main.pid, name: 'main' }] : []
    return { survivors: [...main, ...daemons], unverified: [...this.unreadable] }
  }

  /** TERM, then KILL after the grace period, then a while of looking whether that has helped. */
  async #end({ run, main, daemons }: Tree, generation: number): Promise<void> {
    const { clock } = this.#options
    if (!this.#isAlive(run)) return
    if (main.alive && main.obeysTerm) main.exit(143)
    for (const daemon of daemons) if (daemon.obeysTerm) daemons.delete(daemon)
    if (!this.#isAlive(run)) return
    await pause(clock, graceMs)
    if (generation !== this.#generation) return
    if (main.alive && main.obeysKill) main.vanish()
    for (const daemon of daemons) if (daemon.obeysKill) daemons.delete(daemon)
    if (this.#isAlive(run)) await pause(clock, lastMs)
  }

  #daemon(run: string, daemon: Omit<FakeDaemon, 'pid'>): () => void {
    const daemons = this.#trees.get(run)?.daemons
    const left = { ...daemon, pid: this.#pid++ }
    daemons?.add(left)
    return () => daemons?.delete(left)
  }

  #write(run: string, text: string): void {
    const before = this.#outputs.get(run) ?? Buffer.alloc(0)
    this.#outputs.set(run, Buffer.concat([before, Buffer.from(text)]))
    this.#writtenAt.set(run, this.#options.clock.now())
  }

  #exited(run: string, code: number): void {
    this.#exits.set(run, { code })
  }

  /** Goes on only as long as the program does that has called. */
  async #pass(): Promise<void> {
    const generation = this.#generation
    const delayMs = this.#options.delay?.() ?? 0
    if (delayMs > 0) await pause(this.#options.clock, delayMs)
    if (generation !== this.#generation) await new Promise<never>(() => {})
  }
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code })
}

interface Hands {
  say(text: string): void
  exited(code: number): void
  /** Returns what ends it. */
  daemon(daemon: Omit<FakeDaemon, 'pid'>): () => void
}

/** A simulated program's own view of itself: all that it may do to the world. */
export class FakeProcess {
  readonly pid: number
  /** Set false to ignore TERM, or KILL too (as a process in an uninterruptible wait does). */
  obeysTerm = true
  obeysKill = true
  /** What it has used of the processor, and holds of the memory. */
  cpuMs = 0
  memory = 10_000_000
  readonly #clock: Clock
  readonly #hands: Hands
  readonly #timers = new Set<Timer>()
  #alive = true

  constructor(pid: number, clock: Clock, hands: Hands) {
    this.pid = pid
    this.#clock = clock
    this.#hands = hands
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Does `act` in `ms` milliseconds, if it still lives then. */
  after(ms: number, act: () => void): void {
    const timer = this.#clock.after(ms, () => {
      this.#timers.delete(timer)
      if (this.#alive) act()
    })
    this.#timers.add(timer)
  }

  /** Prints exactly this. */
  say(text: string): void {
    if (this.#alive) this.#hands.say(text)
  }

  /** Leaves a process of its own behind, which ends by itself after `lastsMs`. */
  leave(name: string, { obeysTerm = true, obeysKill = true, lastsMs = Infinity } = {}): void {
    const end = this.#hands.daemon({ name, obeysTerm, obeysKill })
    if (lastsMs < Infinity) this.#clock.after(lastsMs, end)
  }

  /** Ends; its exit code is written. */
  exit(code: number): void {
    if (!this.#alive) return
    this.vanish()
    this.#hands.exited(code)
  }

  /** Ends together with its wrapper, so that no exit code is ever written. */
  vanish(): void {
    this.#alive = false
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }
}
