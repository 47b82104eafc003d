import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { markerReader } from './marker.ts'
import type { Usage } from './process-host.ts'
import type { ProcessEntry, ProcessTable, Snapshot } from './process-table.ts'

const gone = new Set(['ENOENT', 'ESRCH'])
const denied = new Set(['EACCES', 'EPERM'])

/** Linux: reads procfs, about 20 microseconds a process. */
export class ProcfsTable implements ProcessTable {
  readonly #runsIn: (environment: Buffer) => readonly string[]
  readonly #uid = process.geteuid?.()

  constructor(installation: string) {
    this.#runsIn = markerReader(installation)
  }

  snapshot(): Snapshot {
    const newestBefore = newestPid()
    const entries: ProcessEntry[] = []
    let settled = true
    // The youngest first: a process that lives for a millisecond is most often seen in that way.
    for (const name of readdirSync('/proc').reverse()) {
      const pid = Number(name)
      const stat = pid > 0 ? readStat(pid) : undefined
      if (!stat || stat.zombie || stat.kernelThread) continue
      const environment = readEnvironment(stat)
      if (environment === 'unsettled') settled = false
      entries.push({
        ...stat,
        runs: typeof environment === 'string' ? [] : this.#runsIn(environment),
        hidden: environment === 'denied' && uidOf(pid) === this.#uid,
      })
    }
    return { entries, whole: settled && newestPid() === newestBefore }
  }

  find(pid: number): { readonly startTime: number; readonly zombie: boolean } | undefined {
    return readStat(pid)
  }

  usage(processes: readonly Pick<ProcessEntry, 'pid' | 'startTime'>[]): Usage {
    let cpuMs = 0
    let memory = 0
    let living = 0
    for (const { pid, startTime } of processes) {
      const stat = readStat(pid)
      if (stat?.startTime !== startTime || stat.zombie) continue
      cpuMs += stat.cpuMs
      memory += memoryOf(pid)
      living += 1
    }
    return { cpuMs, memory, processes: living }
  }
}

interface Stat extends Omit<ProcessEntry, 'runs' | 'hidden'> {
  readonly zombie: boolean
  readonly kernelThread: boolean
  readonly cpuMs: number
}

/** The kernel tells processor time in hundredths of a second, on whatever machine. */
const cpuUnitMs = 10

/** The kernel's mark of its own threads (PF_KTHREAD). */
const kernelThreadFlag = 0x0020_0000

function readStat(pid: number): Stat | undefined {
  const content = readProc(`/proc/${pid}/stat`)
  if (!content || content === 'denied') return undefined
  const text = content.toString('latin1')
  // The name is in parentheses and may hold anything, parentheses and spaces included.
  const nameEnd = text.lastIndexOf(')')
  const fields = text.slice(nameEnd + 2).split(' ')
  const [state, parent, group, session] = fields
  // A process whose first thread has ended looks like a zombie while its other threads work on.
  const threads = Number(fields[17])
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTime: Number(fields[19]),
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    kernelThread: (Number(fields[6]) & kernelThreadFlag) !== 0,
    zombie: state === 'X' || (state === 'Z' && threads < 2),
    // In user and in kernel mode, its own and that of the children which it has waited for.
    cpuMs: fields.slice(11, 15).reduce((sum, field) => sum + Number(field) * cpuUnitMs, 0),
  }
}

const nothing = Buffer.alloc(0)

/** Empty for a process that has ended. While it starts a program it has none for a moment. */
function readEnvironment({ pid }: Stat): Buffer | 'denied' | 'unsettled' {
  const path = `/proc/${pid}/environ`
  const environment = readProc(path) ?? nothing
  if (environment.length > 0) return environment
  // A program that was started without any environment has a command line at least.
  const commandLine = readProc(`/proc/${pid}/cmdline`)
  if (commandLine?.length === 0) return 'unsettled'
  return readProc(path) ?? nothing
}

/** The pid that was given last, to a process or a thread. */
function newestPid(): string | undefined {
  return readProc('/proc/loadavg')?.toString('latin1').split(' ').at(-1)
}

/** The owner, which a process that hides its environment also hides from the file's own owner. */
function uidOf(pid: number): number | undefined {
  return inStatus(pid, /^Uid:\t\d+\t(\d+)/m)
}

/** In bytes; a process that is just ending has none. */
function memoryOf(pid: number): number {
  return (inStatus(pid, /^VmRSS:\s*(\d+) kB/m) ?? 0) * 1024
}

function inStatus(pid: number, pattern: RegExp): number | undefined {
  const status = readProc(`/proc/${pid}/status`)
  if (!status || status === 'denied') return undefined
  const value = pattern.exec(status.toString('latin1'))?.[1]
  return value === undefined ? undefined : Number(value)
}

let buffer = Buffer.allocUnsafe(65_536)

/** A file's content, valid until the next call; undefined when the process is gone. */
function readProc(path: string): Buffer | 'denied' | undefined {
  let descriptor: number | undefined
  try {
    descriptor = openSync(path, 'r')
    for (let length = 0; ; ) {
      if (length === buffer.length) buffer = Buffer.concat([buffer, buffer])
      const read = readSync(descriptor, buffer, length, buffer.length - length, null)
      if (read === 0) return buffer.subarray(0, length)
      length += read
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (gone.has(code)) return undefined
    if (denied.has(code)) return 'denied'
    throw error
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}
