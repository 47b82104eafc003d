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

/** A log in `file`. While the disk does not take it, lines are lost: the log is the last to be saved. */
export function createFileLog(file: string): Log {
  const destination = pino.destination({ dest: file, append: true, sync: true })
  destination.on('error', () => {})
  return createLog(destination)
}

/** A log that keeps nothing, for tests and for tools that have no log file. */
export const silentLog: Log = pino({ level: 'silent' })
