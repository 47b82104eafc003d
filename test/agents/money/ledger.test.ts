import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { Allowance } from '../../../src/agents/money/allowance.ts'
import { Ledger } from '../../../src/agents/money/ledger.ts'
import { Spending } from '../../../src/agents/money/spending.ts'
import { SqliteRuns } from '../../../src/agents/runs/runs.ts'
import type { AgentEvent } from '../../../src/agents/runtime.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { anyEvent } from '../watch/looks.ts'

const hourMs = 3_600_000

function open() {
  const store = memoryStore()
  onTestFinished(() => store.close())
  // Noon in Berlin, in winter.
  const clock = new FakeClock(Date.UTC(2026, 0, 10, 11))
  const runs = new SqliteRuns(store, clock)
  const ledger = new Ledger(store, clock)
  let agents = 0
  const start = (item = ++agents) =>
    runs.claim({
      ...{ item, agent: `agent-${++agents}`, role: 'other', attempt: 1 },
      ...{ account: 'main' },
    })
  return { store, clock, runs, ledger, start }
}

function spent(...events: AgentEvent[]): Spending {
  const spending = new Spending('claude-sonnet-4-5')
  spending.observe(events)
  return spending
}

const cost = (usd: number): AgentEvent => ({ type: 'cost', usd })
const estimate: AgentEvent = {
  type: 'usage',
  ...{ input: 100_000, output: 0, cacheRead: 0, cacheWrite: 0 },
}

test('a run, its item and the time in which it worked cost the same money', () => {
  const { clock, ledger, start } = open()
  const [one, two, other] = [start(7), start(7), start(8)]
  ledger.record(one, spent(cost(1.25)))
  ledger.record(two, spent(cost(0.5), estimate))
  clock.advance(2 * hourMs)
  ledger.record(other, spent(cost(4)))
  expect(ledger.ofRun(one)).toEqual({ usd: 1.25, estimated: 0 })
  expect(ledger.ofItem(7)).toEqual({ usd: 2.05, estimated: 0.3 })
  expect(ledger.since(clock.now() - hourMs)).toEqual({ usd: 4, estimated: 0 })
  expect(ledger.ofItem(8)).toEqual({ usd: 4, estimated: 0 })
  expect(ledger.ofItem(9)).toEqual({ usd: 0, estimated: 0 })
})

test('a later start of the program finds the same, and what was rolled back was never spent', () => {
  const { store, clock, ledger, start } = open()
  const run = start(7)
  ledger.record(run, spent(cost(1)))
  const undone = () =>
    store.transaction(() => {
      ledger.record(run, spent(cost(2)))
      throw new Error('undone')
    })
  expect(undone).toThrow('undone')
  expect(ledger.ofItem(7)).toEqual({ usd: 1, estimated: 0 })
  expect(new Ledger(store, clock).ofItem(7)).toEqual(ledger.ofItem(7))
})

test('a killed run counts as an estimate, and what its program says takes the place of one', () => {
  const { ledger, start } = open()
  const run = start()
  ledger.record(run, spent(estimate))
  expect(ledger.ofRun(run)).toEqual({ usd: 0.3, estimated: 0.3 })
  ledger.record(run, spent(estimate, cost(0.21)))
  expect(ledger.ofRun(run)).toEqual({ usd: 0.21, estimated: 0 })
})

test('output that is read again, in whatever pieces and at whatever time, is counted once', () => {
  const history = fc.array(anyEvent, { maxLength: 12 })
  const steps = fc.array(fc.tuple(fc.nat(12), fc.nat(40)), { maxLength: 12 })
  fc.assert(
    fc.property(history, steps, (events, reads) => {
      const { clock, ledger, start } = open()
      const run = start()
      const began = clock.now()
      for (const [length, minutes] of reads) {
        clock.advance(minutes * 60_000)
        ledger.record(run, spent(...events.slice(0, length)))
      }
      const all = spent(...events)
      ledger.record(run, all)
      expect(ledger.ofRun(run).usd).toBeCloseTo(all.usd, 5)
      expect(ledger.ofRun(run).estimated).toBeCloseTo(all.estimated, 5)
      expect(ledger.since(began - hourMs)).toEqual(ledger.ofRun(run))
      expect(ledger.ofItem(run.item)).toEqual(ledger.ofRun(run))
    }),
    { numRuns: 30 },
  )
})

test('a run over midnight costs each day what it has used on it', () => {
  const { clock, ledger, start } = open()
  const budgets = { daily_budget_usd: 3, item_budget_usd: 4, timezone: 'Europe/Berlin' }
  const allowance = new Allowance(ledger, clock, budgets)
  const run = start(5)
  clock.advance(11.5 * hourMs)
  ledger.record(run, spent(cost(3)))
  expect(allowance.spentToday).toBe(
    'this day has cost $3.00, and may cost $3.00 (daily_budget_usd in project.toml)',
  )
  expect(allowance.spentOn(5)).toBeUndefined()
  // Half an hour before midnight in London, half an hour after it in Berlin.
  clock.advance(hourMs)
  expect(allowance.spentToday).toBeUndefined()
  ledger.record(run, spent(cost(3), cost(1.5)))
  expect(allowance.spentToday).toBeUndefined()
  expect(allowance.spentOn(5)).toBe(
    'it has cost $4.50, and may cost $4.00 (item_budget_usd in project.toml)',
  )
  expect(allowance.spentOn(6)).toBeUndefined()
  const unlimited = new Allowance(ledger, clock, { timezone: 'UTC' })
  expect([unlimited.spentToday, unlimited.spentOn(5)]).toEqual([undefined, undefined])
})

test('a session that goes on is counted from where its last run left it', () => {
  const { runs, ledger, start } = open()
  const totals = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4, usd: 0.5 }
  const [first, second] = [start(), start()]
  expect(ledger.before(first)).toBeUndefined()
  runs.progress(first, 10, 'session-1')
  ledger.record(first, spent({ type: 'totals', totals }))
  ledger.begin(second, 'session-1')
  expect(ledger.before(second)).toEqual(totals)
  // What the second one tells is not what it began with, however often it is read.
  runs.progress(second, 10, 'session-1')
  ledger.record(second, spent({ type: 'totals', totals: { ...totals, usd: 0.9 } }))
  expect(ledger.before(second)).toEqual(totals)
  const third = start()
  ledger.begin(third, 'session-1')
  expect(ledger.before(third)?.usd).toBe(0.9)
  const cold = start()
  expect(ledger.before(cold)).toBeUndefined()
})
