import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { crc32 } from 'node:zlib'

/** What the newest stored change was. */
export interface Head {
  /** Its place in the journal. */
  readonly seq: number
  /** The highest number that any item had by then. */
  readonly number: number
}

/**
 * A small file beside the database that says how far its journal went. SQLite takes a write-ahead log
 * that was damaged in the middle, or is missing, for one that ends there, and opens an older state
 * without a word: this file is what that is noticed by.
 *
 * It is written after each commit and not forced to the disk: after a power failure it may be older
 * than the journal, and never newer.
 */
export class JournalHead {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  /** Undefined where it was never written, or was torn by a power failure. */
  read(): Head | undefined {
    const text = readIfThere(this.#file)
    const [seq, number] = text.split(' ').map(Number)
    if (seq === undefined || number === undefined) return undefined
    return textOf({ seq, number }) === text ? { seq, number } : undefined
  }

  /**
   * One write of fixed length, in place: a crash leaves the old text or the new one. A full disk that
   * refuses even that leaves an older head, by which less is noticed and never too much.
   */
  write(head: Head): void {
    let descriptor: number | undefined
    try {
      descriptor = openSync(this.#file, constants.O_WRONLY | constants.O_CREAT, 0o600)
      writeSync(descriptor, textOf(head), 0)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    } finally {
      if (descriptor !== undefined) closeSync(descriptor)
    }
  }
}

/** Always of the same length. */
function textOf({ seq, number }: Head): string {
  const text = `${seq} ${number}`
  return `${text} ${crc32(text)}`.padEnd(63).concat('\n')
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
