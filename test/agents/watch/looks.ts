import fc from 'fast-check'
import type { AgentEvent } from '../../../src/agents/runtime.ts'
import type { Breach, Guard, Tick } from '../../../src/agents/watch/guard.ts'

/** A look after `seconds`, at a run whose processes have used the processor for `cpuMs`. */
export function tick(seconds: number, more: Partial<Tick> = {}): Tick {
  return {
    elapsedMs: seconds * 1000,
    waits: false,
    cpuMs: () => 0,
    broke: { item: undefined, today: undefined },
    ...more,
  }
}

/** Looks once a second; returns the second of the first breach, counted from 1, or undefined. */
export function firstBreach(
  guard: Pick<Guard, 'check'>,
  seconds: number,
  each: (second: number) => Partial<Tick> = () => ({}),
): { readonly second: number; readonly breach: Breach } | undefined {
  for (let second = 1; second <= seconds; second += 1) {
    const breach = guard.check(tick(1, each(second)))
    if (breach) return { second, breach }
  }
  return undefined
}

let calls = 0

/** A tool call from its beginning to its end. */
export function call(name: string, input: unknown, output = '', ok = true): AgentEvent[] {
  const id = `call-${++calls}`
  return [
    { type: 'tool-start', id, name, input },
    { type: 'tool-end', id, ok, output },
  ]
}

export const turn: AgentEvent = { type: 'turn' }
export const text = (words: string): AgentEvent => ({ type: 'text', text: words })
export const end: AgentEvent = { type: 'end', ok: true }

const words = fc.constantFrom('a', 'b', 'c', 'd')

/** Whatever an agent may say. */
export const anyEvent: fc.Arbitrary<AgentEvent> = fc.oneof(
  fc.constant(turn),
  fc.record({ type: fc.constant('text' as const), text: fc.string() }),
  fc.record({ type: fc.constant('session' as const), id: words, model: words }),
  fc.record({
    ...{ type: fc.constant('tool-start' as const), id: words, name: words },
    input: fc.jsonValue(),
  }),
  fc.record({
    ...{ type: fc.constant('tool-end' as const), id: words, ok: fc.boolean() },
    output: fc.string(),
  }),
  fc.record({
    type: fc.constant('usage' as const),
    input: fc.nat(100_000),
    output: fc.nat(100_000),
    cacheRead: fc.nat(100_000),
    cacheWrite: fc.nat(100_000),
  }),
  fc.record({
    type: fc.constant('cost' as const),
    usd: fc.double({ min: 0, max: 5, noNaN: true }),
  }),
  fc.constant(end),
)
