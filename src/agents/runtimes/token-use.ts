import type { TokenUse } from '../runtime.ts'

export const noUse: TokenUse = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }

export function plus(one: TokenUse, other: TokenUse): TokenUse {
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cacheRead: one.cacheRead + other.cacheRead,
    cacheWrite: one.cacheWrite + other.cacheWrite,
  }
}

/** What `now` has more than `before`; nothing where it has less. */
export function beyond(now: TokenUse, before: TokenUse): TokenUse {
  return {
    input: Math.max(0, now.input - before.input),
    output: Math.max(0, now.output - before.output),
    cacheRead: Math.max(0, now.cacheRead - before.cacheRead),
    cacheWrite: Math.max(0, now.cacheWrite - before.cacheWrite),
  }
}

export function isSome({ input, output, cacheRead, cacheWrite }: TokenUse): boolean {
  return input + output + cacheRead + cacheWrite > 0
}
