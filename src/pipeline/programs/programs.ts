import { type Clock, pause } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import {
  largestOutput,
  type ProcessHost,
  type ProcessIdentity,
} from '../../processes/process-host.ts'
import { BoundedOutput } from './bounded-output.ts'

/** What is to be run. */
export interface ProgramCall {
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly timeoutMs: number
}

/** How it ended. */
export interface ProgramEnd {
  /** Missing where it outlived its time limit, printed too much, or was ended by somebody else. */
  readonly code?: number
  readonly timedOut: boolean
  /** It printed more than any run may, and was ended. */
  readonly tooLoud?: true
  /** Head and tail of what it printed. */
  readonly output: string
}

export interface ProgramsOptions {
  readonly host: ProcessHost
  readonly clock: Clock
  /** From 0 up to 1; makes names of runs that were never used before. */
  readonly random: () => number
  /** What the programs inherit, NODE_ENV and git's own variables left out. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly log: Log
}

const shortestWaitMs = 5
const longestWaitMs = 100
/** How much is read before somebody else gets a turn; a program may print faster than it is read. */
const mostAtOnce = 16 * 1024 * 1024

/**
 * Runs the project's own programs (gates, setup commands) to their end, one at a time for a key:
 * nothing that an earlier one started is there when it begins, or when it is over.
 */
export class Programs {
  readonly #host: ProcessHost
  readonly #clock: Clock
  readonly #random: () => number
  readonly #environment: Readonly<Record<string, string>>
  readonly #log: Log

  constructor({ host, clock, random, environment, log }: ProgramsOptions) {
    this.#host = host
    this.#clock = clock
    this.#random = random
    this.#environment = cleaned(environment)
    this.#log = log
  }

  /** Ends what programs of `key` have left running, also those of an earlier start of ours. */
  async endEarlier(key: string): Promise<void> {
    const prefix = prefixOf(key)
    for (const run of await this.#host.living()) if (run.startsWith(prefix)) await this.#end(run)
  }

  /**
   * Resolves when the program and all that it started are gone. Rejects with the signal's reason
   * when it is cancelled, and with `Problem` `cannot-start` when there is no such program.
   */
  async run(key: string, call: ProgramCall, signal: AbortSignal): Promise<ProgramEnd> {
    signal.throwIfAborted()
    await this.endEarlier(key)
    const [command, ...args] = call.command
    const run = `${prefixOf(key)}${Math.floor(this.#random() * 2 ** 52).toString(36)}`
    const launch = { command, args, cwd: call.cwd, env: this.#environment }
    const identity = await this.#host.start(run, launch)
    try {
      return await this.#watch(run, identity, call.timeoutMs, signal)
    } finally {
      await this.#end(run, identity)
      this.#host.discard(run)
    }
  }

  async #watch(
    run: string,
    identity: ProcessIdentity,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    const output = new BoundedOutput()
    const deadline = this.#clock.now() + timeoutMs
    for (let offset = 0, delay = shortestWaitMs; ; ) {
      // Asked in this order: what is over has written all of its output and its exit code.
      const over = !this.#host.isAlive(identity)
      const read = this.#read(run, offset, output)
      offset += read
      if (this.#host.read(run, largestOutput, new Uint8Array(1)).bytes.length > 0)
        return { timedOut: false, tooLoud: true, output: output.text }
      if (over && read < mostAtOnce) {
        const exit = this.#host.exit(run)
        return { ...(exit && { code: exit.code }), timedOut: false, output: output.text }
      }
      if (this.#clock.now() >= deadline) return { timedOut: true, output: output.text }
      await pause(this.#clock, delay, signal)
      signal.throwIfAborted()
      delay = read < mostAtOnce ? Math.min(longestWaitMs, delay * 1.5) : shortestWaitMs
    }
  }

  /** Reads a piece of what is new; returns how much, `mostAtOnce` or more when there may be more. */
  #read(run: string, from: number, output: BoundedOutput): number {
    let offset = from
    while (offset - from < mostAtOnce) {
      const chunk = this.#host.read(run, offset)
      if (chunk.bytes.length === 0) break
      output.add(chunk.bytes)
      offset = chunk.offset
    }
    return offset - from
  }

  async #end(run: string, identity?: ProcessIdentity): Promise<void> {
    const { survivors } = await this.#host.kill(run, identity)
    if (survivors.length > 0)
      this.#log.error({ run, survivors }, 'Processes of a gate or setup command cannot be ended.')
  }
}

/** A run's id holds letters, digits and `_` only. */
function prefixOf(key: string): string {
  return `g_${key.replace(/[^A-Za-z0-9]/g, '')}_`
}

function cleaned(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  // NODE_ENV=production, as a service has it, would keep what the checks need from being installed;
  // git's variables, as a hook has them, would lead every git of the checks to another repository.
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && entry[0] !== 'NODE_ENV' && !/^GIT_(?!CONFIG_)/.test(entry[0]),
  )
  return Object.fromEntries(kept)
}
