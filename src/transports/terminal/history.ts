import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { Problem } from '../../kernel/problem.ts'

const longestHistory = 500

/** Lines that are likely to hold a secret. */
const secret = /token|passw|secret|credential|api.?key|bearer|\b(sk|ghp|xox[a-z])[-_]/i

/** What a person typed at earlier starts, in a file that nobody else can read. Newest line first. */
export class History {
  readonly lines: string[]
  readonly #path: string | undefined

  /** Without a path, or where there is no such file yet, it begins empty. Throws `Problem`. */
  constructor(path: string | undefined) {
    this.#path = path
    this.lines = path === undefined ? [] : load(path)
  }

  /** Stores the lines, without those that look like secrets. Throws where the file cannot be written. */
  keep(lines: readonly string[]): void {
    if (this.#path === undefined) return
    const kept = lines.filter((line) => !secret.test(line)).slice(0, longestHistory)
    const text = kept
      .map((line) => `${line}\n`)
      .reverse()
      .join('')
    // A file of its own keeps the old history whole if this write is cut off, and its mode right.
    writeFileSync(`${this.#path}.new`, text, { mode: 0o600 })
    renameSync(`${this.#path}.new`, this.#path)
  }
}

function load(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean).reverse()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Problem(
      'history-unreadable',
      `What was typed at earlier starts cannot be read (${(error as Error).message}): mend or delete ${path}.`,
      { cause: error },
    )
  }
}
