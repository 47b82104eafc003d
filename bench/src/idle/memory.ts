import { readdirSync, readFileSync } from 'node:fs'

/** What a process holds, in MiB: its resident set, and what all that it has started holds beside. */
export interface Held {
  readonly own: number
  /** What processes share is divided among them. */
  readonly others: number
}

/** The memory of a running process. */
export function memoryOf(pid: number): Held {
  const others = descendantsOf(pid).map((child) => kibibytes(child, 'smaps_rollup', 'Pss'))
  return {
    own: kibibytes(pid, 'status', 'VmRSS') / 1024,
    others: others.reduce((sum, one) => sum + one, 0) / 1024,
  }
}

function descendantsOf(pid: number): readonly number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), parentOf(name)] as const)
  const below = (one: number): readonly number[] =>
    parents.filter(([, parent]) => parent === one).flatMap(([child]) => [child, ...below(child)])
  return below(pid)
}

function parentOf(pid: string): number {
  const [, fields = ''] = read(pid, 'stat').split(') ')
  return Number(fields.split(' ')[1])
}

function kibibytes(pid: number, file: string, field: string): number {
  const [, value = '0'] = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(read(pid, file)) ?? []
  return Number(value)
}

/** Empty for a process that has ended meanwhile. */
function read(pid: number | string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
