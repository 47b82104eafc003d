import type { Clock } from '../kernel/clock.ts'
import type { ProcessHost } from '../processes/process-host.ts'
import type { Run, Runs } from './runs/run.ts'

/** What the machine is busy with. */
export interface Machine {
  /** How many processes wanted a core, over the last one, five and fifteen minutes. */
  readonly load: readonly number[]
  readonly cores: number
}

/** What one agent's process tree uses. */
export interface Load {
  readonly run: Run
  /** Cores that were in use: 1 is one of them all the time. */
  readonly cores: number
  /** In bytes. */
  readonly memory: number
  readonly processes: number
  readonly ageMs: number
}

export interface LoadsParts {
  readonly runs: Pick<Runs, 'active'>
  readonly host: Pick<ProcessHost, 'usage'>
  readonly clock: Clock
  readonly machine: () => Machine
}

/** Measures what the agents use, each time since the time before. */
export class Loads {
  readonly #parts: LoadsParts
  #before: ReadonlyMap<string, { readonly cpuMs: number; readonly at: number }> = new Map()

  constructor(parts: LoadsParts) {
    this.#parts = parts
  }

  machine(): Machine {
    return this.#parts.machine()
  }

  /** Those that have a process, oldest first; the first time it is what they used since their start. */
  measure(): readonly Load[] {
    const { runs, host, clock } = this.#parts
    const at = clock.now()
    const running = runs.active().filter(({ state }) => state === 'running')
    const usages = running.map((run) => ({ run, usage: host.usage(run.id) }))
    const before = this.#before
    this.#before = new Map(usages.map(({ run, usage }) => [run.id, { cpuMs: usage.cpuMs, at }]))
    return usages.map(({ run, usage: { cpuMs, memory, processes } }) => {
      const since = before.get(run.id) ?? { cpuMs: 0, at: run.startedAt }
      // Of a process that nobody has waited for, all that it used is gone with it.
      const usedMs = Math.max(0, cpuMs - since.cpuMs)
      const cores = usedMs / Math.max(1, at - since.at)
      return { run, cores, memory, processes, ageMs: at - run.startedAt }
    })
  }
}
