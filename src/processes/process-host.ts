/** Names one process for as long as the machine runs: a pid alone is used again. */
export interface ProcessIdentity {
  readonly pid: number
  /** In the kernel's own units since boot; compared, never computed with. */
  readonly startTime: string
  /** Another one after each boot. */
  readonly bootId: string
}

/**
 * How much a run may print, in bytes. Whoever watches one that prints more ends it: its output is a
 * file that only grows, and somebody else needs the disk.
 */
export const largestOutput = 1024 ** 3

/** How a program is started. Nothing here ever reaches a shell. */
export interface Launch {
  readonly command: string
  readonly args: readonly string[]
  readonly cwd: string
  /** The whole environment; nothing is inherited beside it. */
  readonly env: Readonly<Record<string, string>>
  /** Given on standard input, from a file; /dev/null where it is missing. */
  readonly stdin?: string
  /** Keeps standard error out of the output, in a file of its own beside it. */
  readonly errorsApart?: boolean
}

/** How a run's program ended. */
export interface RunExit {
  /** The exit code; 128 + n for a signal, as a shell counts. */
  readonly code: number
}

/** What was left after a kill. The run is dead only if both are empty. */
export interface KillReport {
  /** Processes of the run that are still there, with their command names. */
  readonly survivors: readonly { readonly pid: number; readonly name: string }[]
  /** Processes of this user whose environment could not be read: they may belong to the run. */
  readonly unverified: readonly number[]
}

/** What the processes of a run use. */
export interface Usage {
  /** Processor time in ms: that of the living, and of what they have started and outlived. */
  readonly cpuMs: number
  /** Memory in bytes; what processes share counts for each of them. */
  readonly memory: number
  readonly processes: number
}

/** A piece of a run's output. */
export interface OutputChunk {
  readonly bytes: Uint8Array
  /** Where to read on. */
  readonly offset: number
}

/**
 * The one way in which processes are started, marked, watched, adopted and ended. A run is named by
 * an id that is unique in this installation; every descendant carries it in its environment.
 */
export interface ProcessHost {
  /**
   * Starts the run detached: it outlives this program. Its output goes to an append-only file, and
   * a wrapper that survives TERM writes its exit code. Throws `Problem` `cannot-start` when the
   * program does not exist or the folder is missing. The process is there when the call returns its
   * promise: whether the run is still wanted is to be looked at just before.
   */
  start(run: string, launch: Launch): Promise<ProcessIdentity>
  /** Whether exactly this process (its wrapper) still exists. A zombie does not. */
  isAlive(identity: ProcessIdentity): boolean
  /** How the run ended; undefined while it runs, or when it was ended before it could be written. */
  exit(run: string): RunExit | undefined
  /**
   * Output from `offset` on, as much as `into` holds, and in there; 65 536 bytes of its own at most
   * where none is lent. Empty at the present end.
   */
  read(run: string, offset: number, into?: Uint8Array): OutputChunk
  /** When the run has printed last, in ms since the epoch; undefined where it has no output. */
  writtenAt(run: string): number | undefined
  /**
   * Ends everything that belongs to the run: TERM, five seconds, KILL, then scans until nothing is
   * left. `identity` adds the wrapper's descendants and session to what carries the marker. Ends
   * at once when nothing is left. Never signals what does not belong to the run.
   */
  kill(run: string, identity?: ProcessIdentity): Promise<KillReport>
  /** What the run's processes use now, of those that were there a second ago; nothing when it is dead. */
  usage(run: string): Usage
  /** The ids of all runs of this installation that have a living process on this machine. */
  living(): Promise<readonly string[]>
  /** Deletes the run's files. Only for a run that is dead. */
  discard(run: string): void
}
