const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Calls `stop` for the first signal that asks this program to end; a second one ends it at once.
 * Returns what undoes it.
 */
export function onSignal(stop: () => void): () => void {
  let asked = false
  const listen = () => {
    if (asked) process.exit(130)
    asked = true
    stop()
  }
  for (const signal of signals) process.on(signal, listen)
  return () => {
    for (const signal of signals) process.off(signal, listen)
  }
}
