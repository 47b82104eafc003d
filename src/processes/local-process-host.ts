import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Clock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import { bootId } from './boot.ts'
import { type KillTimes, killAll } from './kill.ts'
import { markerName } from './marker.ts'
import type {
  KillReport,
  Launch,
  OutputChunk,
  ProcessHost,
  ProcessIdentity,
  RunExit,
  Usage,
} from './process-host.ts'
import type { ProcessTable } from './process-table.ts'
import { ProcfsTable } from './procfs-table.ts'
import { findProgram } from './program.ts'
import { PsTable } from './ps-table.ts'
import { RunFiles } from './run-files.ts'
import { Sightings } from './sightings.ts'
import { wrapped } from './wrapper.ts'

export interface LocalProcessHostOptions {
  /** Holds a folder for each run; made where it is missing. */
  readonly runsDirectory: string
  readonly installation: string
  readonly clock: Clock
  /** How long a kill waits after TERM; 5 000 ms by default. */
  readonly graceMs?: number
  /** How long it goes on with KILL before it reports survivors; 2 000 ms by default. */
  readonly lastMs?: number
}

/** The process host of the machine that this program runs on. */
export class LocalProcessHost implements ProcessHost {
  readonly #installation: string
  readonly #clock: Clock
  readonly #times: KillTimes
  readonly #files: RunFiles
  readonly #table: ProcessTable
  readonly #sightings: Sightings
  readonly #kills = new Map<string, Promise<KillReport>>()
  readonly #underWay = new Set<string>()

  constructor(options: LocalProcessHostOptions) {
    const { runsDirectory, installation, clock, graceMs = 5_000, lastMs = 2_000 } = options
    this.#installation = installation
    this.#clock = clock
    this.#times = { graceMs, lastMs }
    this.#files = new RunFiles(runsDirectory)
    this.#table =
      process.platform === 'linux' ? new ProcfsTable(installation) : new PsTable(installation)
    this.#sightings = new Sightings(this.#table, this.#files, bootId())
  }

  async start(run: string, launch: Launch): Promise<ProcessIdentity> {
    const marker = markerName(this.#installation, run)
    const { file, args } = wrapped(this.#files.exitFile(run), findProgram(launch), launch.args)
    const env = { ...launch.env, [marker]: '1' }
    try {
      const child = this.#files.create(run, launch, (stdio) =>
        spawn(file, args, { cwd: launch.cwd, env, stdio, detached: true }),
      )
      if (child.pid === undefined) throw (await once(child, 'error'))[0]
      child.unref()
      this.#underWay.add(run)
      return this.#identify(run, child.pid)
    } catch (error) {
      // The id was used before: the files are those of that run.
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
      this.#files.discard(run)
      throw cannotStart(launch.command, error)
    }
  }

  /**
   * Now and then it also remembers what all runs consist of: a process that clears its environment
   * and leaves its parent is found by a later kill if it was seen before.
   */
  isAlive({ pid, startTime, bootId: boot }: ProcessIdentity): boolean {
    this.#sightings.refresh(this.#clock.now())
    const found = boot === bootId() ? this.#table.find(pid) : undefined
    return found !== undefined && !found.zombie && String(found.startTime) === startTime
  }

  exit(run: string): RunExit | undefined {
    return this.#files.exit(run)
  }

  read(run: string, offset: number, into?: Uint8Array): OutputChunk {
    return this.#files.read(run, offset, into)
  }

  writtenAt(run: string): number | undefined {
    return this.#files.writtenAt(run)
  }

  /** Kills of one run that overlap are one kill, with one report. */
  kill(run: string, identity?: ProcessIdentity): Promise<KillReport> {
    if (identity) this.#sightings.add(run, identity)
    const already = this.#kills.get(run)
    if (already) return already
    const kill = this.#kill(run).finally(() => this.#kills.delete(run))
    this.#kills.set(run, kill)
    return kill
  }

  /** Whether this very program has started the run, and it is not verified dead yet. */
  isUnderWay(run: string): boolean {
    return this.#underWay.has(run)
  }

  usage(run: string): Usage {
    this.#sightings.refresh(this.#clock.now())
    return this.#table.usage(this.#sightings.members(run))
  }

  async living(): Promise<readonly string[]> {
    return this.#sightings.lookForAll()
  }

  /** The ids of all runs whose files are not discarded. */
  stored(): readonly string[] {
    return this.#files.all()
  }

  discard(run: string): void {
    this.#files.discard(run)
  }

  async #kill(run: string): Promise<KillReport> {
    const look = () => this.#sightings.look(run)
    const report = await killAll(look, this.#table, this.#clock, this.#times)
    if (report.survivors.length === 0) this.#underWay.delete(run)
    return report
  }

  /** Node collects an ended child at its next turn at the earliest, so until then it is found. */
  #identify(run: string, pid: number): ProcessIdentity {
    const startTime = this.#table.find(pid)?.startTime
    if (startTime === undefined) throw new Error(`process ${pid} has vanished`)
    const identity = { pid, startTime: String(startTime), bootId: bootId() }
    this.#sightings.add(run, identity)
    return identity
  }
}

function cannotStart(command: string, cause: unknown): Problem {
  return new Problem(
    'cannot-start',
    `Cannot start "${command}": ${(cause as Error).message}; mend that, then try again.`,
    { cause },
  )
}
