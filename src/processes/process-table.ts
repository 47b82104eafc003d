import type { Usage } from './process-host.ts'

/** A living process at the moment of a snapshot. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  /** The pid of the process that made the session; 0 where that cannot be seen from here. */
  readonly session: number
  /** In the kernel's own units; of two processes, the younger one has no smaller value. */
  readonly startTime: number
  readonly name: string
  /** The runs of this installation whose markers stand in its environment. */
  readonly runs: readonly string[]
  /** It is this user's, and yet its environment cannot be read. */
  readonly hidden: boolean
}

/** Every process that lived from the first moment of the reading to its last. */
export interface Snapshot {
  readonly entries: readonly ProcessEntry[]
  /**
   * Nothing was born while it was read, and nothing was half-way into another program: then it
   * misses nothing. Otherwise a process may have escaped whose parent ended at the same time.
   */
  readonly whole: boolean
}

/** The processes of this machine. A zombie holds nothing and does nothing, so it is no living process. */
export interface ProcessTable {
  snapshot(): Snapshot
  /** The process that has this pid, zombie or not. Far cheaper than a snapshot. */
  find(pid: number): { readonly startTime: number; readonly zombie: boolean } | undefined
  /** What those of these processes use that still live. */
  usage(processes: readonly Pick<ProcessEntry, 'pid' | 'startTime'>[]): Usage
}
