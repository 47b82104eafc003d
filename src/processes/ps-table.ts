import { execFileSync } from 'node:child_process'
import { markerReader } from './marker.ts'
import type { Usage } from './process-host.ts'
import type { ProcessEntry, ProcessTable, Snapshot } from './process-table.ts'

type Process = Pick<ProcessEntry, 'pid' | 'startTime'>

const columns = 'pid=,ppid=,pgid=,stat=,lstart=,comm='

/**
 * macOS, which has no procfs: asks `ps`, some ten milliseconds a time.
 *
 * It was only ever tested with the `ps` of Linux, never on a Mac. Two things are weaker
 * there: the system hides the environment of its own programs (`/bin/sh` among them) without saying
 * so, and tells no session. What hides in that way is found by descent, and by what was seen of it
 * before.
 */
export class PsTable implements ProcessTable {
  readonly #runsIn: (environment: Buffer) => readonly string[]
  readonly #withEnvironments: string

  /** `withEnvironments` is how this system's `ps` is asked for all processes with their environments. */
  constructor(installation: string, withEnvironments = '-axEww') {
    this.#runsIn = markerReader(installation)
    this.#withEnvironments = withEnvironments
  }

  snapshot(): Snapshot {
    const runs = parseEnvironments(
      ps([this.#withEnvironments, '-o', 'pid=,command=']),
      this.#runsIn,
    )
    const processes = parseTable(ps(['-axww', '-o', columns]), runs)
    return { entries: processes.filter((entry) => !entry.zombie), whole: false }
  }

  find(pid: number): { readonly startTime: number; readonly zombie: boolean } | undefined {
    return parseTable(ps(['-ww', '-o', columns, '-p', String(pid)]), new Map())[0]
  }

  usage(processes: readonly Process[]): Usage {
    if (processes.length === 0) return { cpuMs: 0, memory: 0, processes: 0 }
    const pids = processes.map(({ pid }) => pid).join(',')
    return parseUsage(ps(['-ww', '-o', 'pid=,lstart=,rss=,time=', '-p', pids]), processes)
  }
}

/** What `ps` tells of these processes; others of the same pids are strangers. */
export function parseUsage(text: string, processes: readonly Process[]): Usage {
  const startTimes = new Map(processes.map(({ pid, startTime }) => [pid, startTime]))
  const found = text.split('\n').flatMap((line) => {
    const [, pid, start, memory, time = ''] = usageRow.exec(line) ?? []
    return startTimes.get(Number(pid)) === startTimeOf(start) ? [{ memory, time }] : []
  })
  return {
    cpuMs: found.reduce((sum, { time }) => sum + durationOf(time), 0),
    memory: found.reduce((sum, { memory }) => sum + Number(memory) * 1024, 0),
    processes: found.length,
  }
}

const usageRow = /^ *(\d+) +(\w+ +\w+ +\d+ +[\d:]+ +\d+) +(\d+) +([\d:.-]+) *$/

/** `1-02:03:04`, `02:03:04` or `3:04.05`, in ms. */
function durationOf(time: string): number {
  const [days, clock = ''] = time.includes('-') ? time.split('-') : ['0', time]
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
  return Math.round((Number(days) * 86_400 + seconds) * 1000)
}

/** The runs whose markers `ps` prints behind the command line of each process. */
export function parseEnvironments(
  text: string,
  runsIn: (environment: Buffer) => readonly string[],
): ReadonlyMap<number, readonly string[]> {
  return new Map(
    text
      .split('\n')
      // Command line and variables are one text, divided by spaces.
      .map((line) => [Number.parseInt(line, 10), runsIn(Buffer.from(line.replaceAll(' ', '\0')))]),
  )
}

/** The processes that `ps` prints as a table. Start times are in seconds: it tells no more. */
export function parseTable(
  text: string,
  runs: ReadonlyMap<number, readonly string[]>,
): readonly (ProcessEntry & { readonly zombie: boolean })[] {
  return text.split('\n').flatMap((line) => {
    const match = row.exec(line)
    if (!match) return []
    const [, pid, parent, group, state, start, name] = match
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      session: 0,
      startTime: startTimeOf(start),
      name: name?.slice(name.lastIndexOf('/') + 1) ?? '',
      runs: runs.get(Number(pid)) ?? [],
      hidden: false,
      zombie: state?.startsWith('Z') ?? false,
    }
  })
}

function startTimeOf(start: string | undefined): number {
  return Date.parse(`${start} GMT`) / 1000
}

const row = /^ *(\d+) +(\d+) +(\d+) +(\S+) +(\w+ +\w+ +\d+ +[\d:]+ +\d+) +(.*)$/

function ps(args: readonly string[]): string {
  try {
    return execFileSync('/bin/ps', args, {
      encoding: 'utf8',
      // One language and one time zone, so that a start time reads the same in every later run.
      env: { LC_ALL: 'C', TZ: 'UTC' },
      maxBuffer: 64 * 1024 * 1024,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    // `ps -p` of a process that is gone prints nothing and ends with 1.
    if ((error as { status?: number }).status === 1) return ''
    throw error
  }
}
