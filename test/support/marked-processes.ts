import { readdirSync, readFileSync } from 'node:fs'

interface Marked {
  readonly pid: string
  readonly commandLine: string
  readonly environment: ReadonlyMap<string, string>
}

/** The command lines of all living processes that carry a run's marker and work below `folder`. */
export function markedProcesses(folder: string): string[] {
  return readMarked(folder).map(({ pid, commandLine }) => `${pid} ${commandLine}`)
}

/** The ids of the agents' runs that have living processes below `folder`, by their item. */
export function agentsAtWork(folder: string): ReadonlyMap<string, ReadonlySet<string>> {
  const runs = new Map<string, Set<string>>()
  for (const { environment } of readMarked(folder)) {
    const item = environment.get('HUSKIES_ITEM')
    const run = environment.get('HUSKIES_RUN')
    if (item && run) runs.set(item, (runs.get(item) ?? new Set()).add(run))
  }
  return runs
}

/** Reads /proc by itself: what it finds does not depend on the program that is being tested. */
function readMarked(folder: string): Marked[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const text = read(`/proc/${pid}/environ`)
      const commandLine = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
      if (!/(^|\0)HUSKIES_RUN_/.test(text) || !text.includes(folder) || commandLine === '')
        return []
      return [{ pid, commandLine, environment: new Map(text.split('\0').map(pair)) }]
    })
}

function pair(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}

/** Empty for a process that ended while we looked, or that is another user's: it is none of ours. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
