import type { FakeClock } from './fake-clock.ts'

/** Resolves when everything that can go on without time passing has gone on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Lets `ms` milliseconds of virtual time pass, one timer after another, and what waits for promises
 * go on in between: so a program that only waits for its clock runs as it would in real time.
 */
export async function elapse(clock: FakeClock, ms: number): Promise<void> {
  const end = clock.now() + ms
  await settle()
  for (let next = clock.next; next !== undefined && next <= end; next = clock.next) {
    clock.advance(next - clock.now())
    await settle()
  }
  clock.advance(end - clock.now())
}

/** Lets time pass until `condition` holds; throws when it does not within `limitMs`. */
export async function elapseUntil(
  clock: FakeClock,
  condition: () => boolean,
  limitMs = 600_000,
): Promise<void> {
  const end = clock.now() + limitMs
  await settle()
  while (!condition()) {
    const next = clock.next
    if (next === undefined || next > end)
      throw new Error(`it did not happen within ${limitMs} ms of virtual time: ${condition}`)
    clock.advance(next - clock.now())
    await settle()
  }
}
