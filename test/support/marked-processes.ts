import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

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
  const seen = readMarked(folder)
  const runs = runsByItem(seen)
  if ([...runs.values()].every(({ size }) => size === 1)) return runs
  // A look takes its time, in which one can end and the next begin. Who is seen again was there all along.
  const again = new Set(readMarked(folder).map(identity))
  return runsByItem(seen.filter((each) => again.has(identity(each))))
}

/** The command lines of all living processes of the machine, whoever they belong to. */
export function allProcesses(): string[] {
  return processIds().map(commandLineOf)
}

/** The ids of the ended processes that this one has not yet taken notice of. */
export function zombiesOf(parent: number | undefined): string[] {
  const zombie = new RegExp(`\\) Z ${parent} `)
  return processIds().filter((pid) => zombie.test(read(`/proc/${pid}/stat`)))
}

/** Looks again and again how many agents are at work on one item; `stop` tells the most it saw. */
export function watchAgents(folder: string) {
  let most = 0
  let watching = true
  const watched = (async () => {
    while (watching) {
      for (const runs of agentsAtWork(folder).values()) most = Math.max(most, runs.size)
      await sleep(20)
    }
  })()
  return {
    async stop() {
      watching = false
      await watched
      return most
    },
  }
}

function runsByItem(processes: readonly Marked[]): ReadonlyMap<string, ReadonlySet<string>> {
  const runs = new Map<string, Set<string>>()
  for (const { environment } of processes) {
    const item = environment.get('HUSKIES_ITEM')
    const run = environment.get('HUSKIES_RUN')
    if (item && run) runs.set(item, (runs.get(item) ?? new Set()).add(run))
  }
  return runs
}

function identity({ pid, environment }: Marked): string {
  return `${pid} ${environment.get('HUSKIES_RUN')}`
}

/** Reads /proc by itself: what it finds does not depend on the program that is being tested. */
function readMarked(folder: string): Marked[] {
  return processIds().flatMap((pid) => {
    const text = read(`/proc/${pid}/environ`)
    const commandLine = commandLineOf(pid)
    if (!/(^|\0)HUSKIES_RUN_/.test(text) || !text.includes(folder) || commandLine === '') return []
    return [{ pid, commandLine, environment: new Map(text.split('\0').map(pair)) }]
  })
}

function processIds(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
}

function commandLineOf(pid: string): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
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
