import { execFileSync } from 'node:child_process'
import { markerReader } from './marker.ts'
import type { ProcessEntry, ProcessTable, Snapshot } from './process-table.ts'

const columns = 'pid=,ppid=,pgid=,stat=,lstart=,comm='

/**
 * macOS, which has no procfs: asks `ps`, some ten milliseconds a time.
 *
 * It was only ever tested on texts in the format of `ps`, never on a Mac. Two things are weaker
 * there: the system hides the environment of its own programs (`/bin/sh` among them) without saying
 * so, and tells no session. What hides in that way is found by descent, and by what was seen of it
 * before.
 */
export class PsTable implements ProcessTable {
  readonly #runsIn: (environment: Buffer) => readonly string[]

  constructor(installation: string) {
    this.#runsIn = markerReader(installation)
  }

  snapshot(): Snapshot {
    const runs = parseEnvironments(ps(['-axEww', '-o', 'pid=,command=']), this.#runsIn)
    const processes = parseTable(ps(['-axww', '-o', columns]), runs)
    return { entries: processes.filter((entry) => !entry.zombie), whole: false }
  }

  find(pid: number): { readonly startTime: number; readonly zombie: boolean } | undefined {
    return parseTable(ps(['-ww', '-o', columns, '-p', String(pid)]), new Map())[0]
  }
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
      startTime: Date.parse(`${start} GMT`) / 1000,
      name: name?.slice(name.lastIndexOf('/') + 1) ?? '',
      runs: runs.get(Number(pid)) ?? [],
      hidden: false,
      zombie: state?.startsWith('Z') ?? false,
    }
  })
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
