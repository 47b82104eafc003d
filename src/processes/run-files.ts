import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Memory, noMemory } from './belonging.ts'
import { checkedRunId } from './marker.ts'
import type { Launch, OutputChunk, RunExit } from './process-host.ts'

/** The files of all runs, a folder each: `output`, `errors`, `stdin`, `exit`, `seen`. */
export class RunFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  exitFile(run: string): string {
    return join(this.#folder(run), 'exit')
  }

  /**
   * Makes the run's folder, lends `use` the descriptors of standard input, output and error, and
   * closes them. Throws `EEXIST` if the run has output already: an id is started once.
   */
  create<T>(run: string, { stdin, errorsApart }: Launch, use: (stdio: number[]) => T): T {
    const folder = this.#folder(run)
    const opened: number[] = []
    const open = (path: string, flags: string | number) => {
      const descriptor = openSync(path, flags, 0o600)
      opened.push(descriptor)
      return descriptor
    }
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const output = open(join(folder, 'output'), appendToNew)
      const errors = errorsApart ? open(join(folder, 'errors'), appendToNew) : output
      if (stdin === undefined) return use([open('/dev/null', 'r'), output, errors])
      writeFileSync(join(folder, 'stdin'), stdin, { mode: 0o600 })
      return use([open(join(folder, 'stdin'), 'r'), output, errors])
    } finally {
      for (const descriptor of opened) closeSync(descriptor)
    }
  }

  exit(run: string): RunExit | undefined {
    const text = readIfThere(this.exitFile(run))
    return text === undefined ? undefined : { code: Number(text) }
  }

  read(run: string, offset: number, into: Uint8Array = new Uint8Array(65_536)): OutputChunk {
    const descriptor = openIfThere(join(this.#folder(run), 'output'))
    if (descriptor === undefined) return { bytes: new Uint8Array(), offset }
    try {
      const length = readSync(descriptor, into, 0, into.length, offset)
      return { bytes: into.subarray(0, length), offset: offset + length }
    } finally {
      closeSync(descriptor)
    }
  }

  writtenAt(run: string): number | undefined {
    const stat = statSync(join(this.#folder(run), 'output'), { throwIfNoEntry: false })
    return stat && Math.round(stat.mtimeMs)
  }

  /** What was last seen of the run's processes since this boot. */
  memory(run: string, bootId: string): Memory {
    const text = readIfThere(join(this.#folder(run), 'seen'))
    try {
      const stored = JSON.parse(text ?? '{}') as Partial<Stored>
      return stored.bootId === bootId && stored.memory ? stored.memory : noMemory
    } catch {
      // Torn by a power failure, and so from before this boot.
      return noMemory
    }
  }

  /**
   * Stored for a later start of this program only, so a full disk is no reason to fail: a kill must
   * work there too. Not forced to the disk: after a power failure nothing is left to be remembered.
   */
  remember(run: string, bootId: string, memory: Memory): void {
    const path = join(this.#folder(run), 'seen')
    try {
      writeFileSync(`${path}.part`, JSON.stringify({ bootId, memory } satisfies Stored), {
        mode: 0o600,
      })
      renameSync(`${path}.part`, path)
    } catch {
      // This program itself remembers without it.
    }
  }

  /** The ids of all runs that have files. */
  all(): readonly string[] {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 })
    return readdirSync(this.#directory)
  }

  discard(run: string): void {
    rmSync(this.#folder(run), { recursive: true, force: true })
  }

  #folder(run: string): string {
    return join(this.#directory, checkedRunId(run))
  }
}

interface Stored {
  readonly bootId: string
  readonly memory: Memory
}

const appendToNew = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL

function readIfThere(path: string): string | undefined {
  const descriptor = openIfThere(path)
  if (descriptor === undefined) return undefined
  try {
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
