import type { Clock } from '../kernel/clock.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** One Ctrl-C comes more than once: from the terminal, and passed on by npm or whoever started us. */
const sameMs = 1_000

/**
 * Calls `stop` for the first signal that asks this program to end; another one, a second later or
 * more, ends it at once. It listens until the process is gone, so that a signal in its last moments
 * does not change how it ends.
 */
export function onSignal(clock: Clock, stop: () => void): void {
  let askedAt: number | undefined
  const listen = () => {
    if (askedAt === undefined) {
      askedAt = clock.now()
      stop()
    } else if (clock.now() - askedAt >= sameMs) process.exit(130)
  }
  for (const signal of signals) process.on(signal, listen)
}
