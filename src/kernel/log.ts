import { appendFileSync, renameSync, statSync } from 'node:fs'
import { type DestinationStream, type Logger, pino } from 'pino'

/** A structured log: `log.warn({ item: 3 }, 'sentence')`. */
export type Log = Logger

const secretKeys = ['token', 'password', 'secret', 'authorization', 'apiKey', 'accessToken']

/** A JSON log that writes to `destination` and blanks whatever is stored under a secret's usual key. */
export function createLog(destination: DestinationStream, level = 'info'): Log {
  return pino(
    {
      level,
      redact: { paths: secretKeys.flatMap((key) => [key, `*.${key}`]), censor: '[secret]' },
    },
    destination,
  )
}

/** How large a log file grows, in bytes; with the one before it, twice as much is kept. */
const largestLog = 10 * 1024 * 1024

/**
 * A log in `file`. When it has grown to `largest` bytes, it becomes `<file>.1`, in the place of an older
 * one. While the disk does not take it, lines are lost: the log is the last to be saved.
 */
export function createFileLog(file: string, largest = largestLog): Log {
  let size = sizeOf(file)
  const write = (line: string) => {
    const bytes = Buffer.from(line)
    try {
      if (size > 0 && size + bytes.length > largest) {
        renameSync(file, `${file}.1`)
        size = 0
      }
      appendFileSync(file, bytes, { mode: 0o600 })
      size += bytes.length
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      size = sizeOf(file)
    }
  }
  return createLog({ write })
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** A log that keeps nothing, for tests and for tools that have no log file. */
export const silentLog: Log = pino({ level: 'silent' })
