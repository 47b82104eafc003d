import { setTimeout as pause } from 'node:timers/promises'

/** Waits until `condition` returns something, and returns that; fails after `limitMs`. */
export async function until<T>(
  condition: () => T,
  what: string,
  limitMs = 10_000,
): Promise<NonNullable<T>> {
  const end = Date.now() + limitMs
  for (;;) {
    const result = condition()
    if (result !== undefined && result !== null && result !== false) return result
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`)
    await pause(5)
  }
}
