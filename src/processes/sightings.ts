import { type Belonging, belonging, type Memory } from './belonging.ts'
import type { ProcessIdentity } from './process-host.ts'
import type { ProcessTable, Snapshot } from './process-table.ts'
import type { RunFiles } from './run-files.ts'

const refreshMs = 1_000

/** What belongs to a run, as found in a snapshot that may not have been whole. */
export type Sighting = Belonging & Pick<Snapshot, 'whole'>

/**
 * Looks for the processes of runs, and remembers from look to look what it saw of each: in memory,
 * and in the run's folder for a later start of this program.
 */
export class Sightings {
  readonly #table: ProcessTable
  readonly #files: RunFiles
  readonly #bootId: string
  readonly #memories = new Map<string, Memory>()
  #lookedAt = -Infinity

  constructor(table: ProcessTable, files: RunFiles, bootId: string) {
    this.#table = table
    this.#files = files
    this.#bootId = bootId
  }

  /** Remembers a run's wrapper, which is the maker of its session. */
  add(run: string, { pid, startTime, bootId }: ProcessIdentity): void {
    if (bootId !== this.#bootId) return
    const past = this.#recall(run)
    const born = Math.min(past.born ?? Infinity, Number(startTime))
    const members = [...past.members, { pid, startTime: Number(startTime) }]
    this.#remember(run, { born, members, sessions: [...past.sessions, pid] }, past)
  }

  /** What belongs to the run now. */
  look(run: string, { entries, whole } = this.#table.snapshot()): Sighting {
    const past = this.#recall(run)
    const found = belonging(entries, run, past, process.pid)
    this.#remember(run, found.memory, past)
    return { ...found, whole }
  }

  /** Looks for all runs at once; returns the ids of those of which something lives. */
  lookForAll(): readonly string[] {
    const snapshot = this.#table.snapshot()
    const runs = new Set(this.#memories.keys())
    for (const entry of snapshot.entries) for (const run of entry.runs) runs.add(run)
    return [...runs].filter((run) => this.look(run, snapshot).members.length > 0)
  }

  /** The processes of the run that the last look saw. */
  members(run: string): Memory['members'] {
    return this.#recall(run).members
  }

  /** Looks for all runs if the last such look is more than a second ago and any is known to live. */
  refresh(now: number): void {
    if (this.#memories.size === 0 || now - this.#lookedAt < refreshMs) return
    this.#lookedAt = now
    this.lookForAll()
  }

  #recall(run: string): Memory {
    return this.#memories.get(run) ?? this.#files.memory(run, this.#bootId)
  }

  #remember(run: string, memory: Memory, past: Memory): void {
    if (JSON.stringify(memory) !== JSON.stringify(past))
      this.#files.remember(run, this.#bootId, memory)
    if (memory.members.length > 0) this.#memories.set(run, memory)
    else this.#memories.delete(run)
  }
}
