import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Dispatcher, type Held } from '../../src/bot/dispatcher.ts'
import { FakeClock } from '../support/fake-clock.ts'

const maxRuns = 2
const windowMs = 1500
const maxMs = 10_000

interface Message {
  readonly id: number
  readonly role: 'member' | 'admin'
  readonly at: number
}

interface Run {
  readonly session: string
  readonly batch: readonly Message[]
  readonly startedAt: number
  /** Which messages of the session had been submitted when it started. */
  readonly submitted: number
  readonly stopped: AbortSignal
  /** Until when it was put off, in the place of an answer. */
  heldUntil?: number
  readonly end: (heldUntil?: number) => void
}

const session = fc.constantFrom('a', 'b', 'c')
const action = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('submit' as const),
      session,
      role: fc.constantFrom('member' as const, 'member' as const, 'admin' as const),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(3000) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('hold' as const),
      which: fc.nat(9),
      ms: fc.nat(20_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wake' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stop' as const), session }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('remove' as const), session, which: fc.nat(9) }),
  },
)
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

/** A dispatcher, everything that was done to it, and everything that it did. */
class Trace {
  readonly clock = new FakeClock()
  readonly runs: Run[] = []
  readonly active = new Set<Run>()
  readonly submitted = new Map<string, Message[]>()
  /** Messages that were taken back, or emptied out by a stop. */
  readonly dropped = new Set<number>()
  readonly dispatcher: Dispatcher<Message>
  #messages = 0

  constructor() {
    this.dispatcher = new Dispatcher(
      {
        windowMs,
        maxMs,
        maxRuns,
        together: (one, next) => one.role === next.role,
        run: (name, batch, signal) => this.#run(name, batch, signal),
      },
      this.clock,
    )
  }

  async perform(action: Action): Promise<void> {
    if (action.do === 'submit') this.#submit(action.session, action.role)
    if (action.do === 'pass') this.clock.advance(action.ms)
    if (action.do === 'end') this.#active(action.which)?.end()
    if (action.do === 'hold') this.#active(action.which)?.end(this.clock.now() + action.ms)
    if (action.do === 'wake') this.dispatcher.wake()
    if (action.do === 'stop')
      void this.dispatcher.stop(action.session).then(({ dropped }) => {
        for (const { id } of dropped) this.dropped.add(id)
      })
    if (action.do === 'remove') {
      const messages = this.submitted.get(action.session) ?? []
      const message = messages[action.which % Math.max(1, messages.length)]
      const removed = this.dispatcher.change(
        action.session,
        (candidate) => candidate === message,
        () => undefined,
      )
      if (removed) this.dropped.add(removed.id)
    }
    await turn()
  }

  /** Lets everything come to its end. */
  async finish(): Promise<void> {
    while (!this.dispatcher.idle) {
      for (const run of this.active) run.end()
      await turn()
      this.clock.advance(maxMs)
    }
    await turn()
  }

  #active(which: number): Run | undefined {
    return [...this.active][which % Math.max(1, this.active.size)]
  }

  #submit(name: string, role: Message['role']): void {
    const message = { id: this.#messages++, role, at: this.clock.now() }
    this.submitted.set(name, [...(this.submitted.get(name) ?? []), message])
    this.dispatcher.submit(name, message)
  }

  #run(
    name: string,
    batch: readonly Message[],
    stopped: AbortSignal,
  ): Promise<Held<Message> | undefined> {
    return new Promise((resolve) => {
      const run: Run = {
        session: name,
        batch,
        stopped,
        startedAt: this.clock.now(),
        submitted: this.submitted.get(name)?.length ?? 0,
        end: (heldUntil) => {
          this.active.delete(run)
          if (heldUntil !== undefined) run.heldUntil = heldUntil
          resolve(heldUntil === undefined ? undefined : { batch, until: heldUntil })
        },
      }
      expect([...this.active].filter((other) => other.session === name)).toEqual([])
      this.active.add(run)
      expect(this.active.size).toBeLessThanOrEqual(maxRuns)
      this.runs.push(run)
    })
  }
}

test('nothing is lost, doubled, reordered, mixed or left behind, whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const trace = new Trace()
      for (const each of actions) await trace.perform(each)
      await trace.finish()
      for (const [name, messages] of trace.submitted) {
        const all = trace.runs.filter((run) => run.session === name)
        const runs = all.filter(({ heldUntil }) => heldUntil === undefined)
        const answered = runs.flatMap(({ batch }) => batch.map(({ id }) => id))
        const wanted = messages.map(({ id }) => id).filter((id) => !trace.dropped.has(id))
        expect(answered).toEqual(wanted)
        for (const { batch } of runs) expect(new Set(batch.map(({ role }) => role)).size).toBe(1)
        checkOneBatchForEachRunOfSenders(runs, messages)
      }
      expect(trace.clock.pending).toBe(0)
      expect(trace.dispatcher.idle).toBe(true)
    }),
    { numRuns: 400 },
  )
})

/**
 * Two batches in a row of one role are two only because the second came after the first had begun,
 * or because another role stood between them, whose words were taken back later.
 */
function checkOneBatchForEachRunOfSenders(runs: readonly Run[], messages: readonly Message[]) {
  for (const [index, { batch, submitted }] of runs.entries()) {
    const last = batch.at(-1)
    const next = runs[index + 1]?.batch[0]
    if (!last || !next) continue
    const between = messages.slice(messages.indexOf(last), messages.indexOf(next) + 1)
    if (between.some(({ role }) => role !== last.role)) continue
    expect(messages.indexOf(next)).toBeGreaterThanOrEqual(submitted)
  }
}

test('a free session is answered when its window ends: not before, and not later', async () => {
  const pauses = fc.array(fc.nat(2000), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(pauses, async (times) => {
      const trace = new Trace()
      for (const ms of times) {
        await trace.perform({ do: 'submit', session: 'a', role: 'member' })
        await trace.perform({ do: 'pass', ms })
        if (trace.runs.length > 0) break
      }
      await trace.perform({ do: 'pass', ms: windowMs })
      const [run] = trace.runs
      const first = run?.batch[0]?.at ?? Number.NaN
      const last = run?.batch.at(-1)?.at ?? Number.NaN
      expect(run?.startedAt).toBe(Math.min(last + windowMs, first + maxMs))
    }),
    { numRuns: 200 },
  )
})
