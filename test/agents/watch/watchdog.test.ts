import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Spending } from '../../../src/agents/money/spending.ts'
import { Watchdog } from '../../../src/agents/watch/watchdog.ts'
import { agentSettings } from '../../../src/pipeline/settings.ts'
import { anyEvent, call, end, firstBreach, text, tick, turn } from './looks.ts'

const watchdog = (more: Record<string, unknown> = {}) =>
  new Watchdog({
    limits: agentSettings.parse({ name: 'coder', ...more }),
    spending: new Spending(),
    ageMs: 0,
  })

test('the first limit that is broken is told, and nothing while none is', () => {
  const watched = watchdog({ max_turns: 1, inactivity_timeout_secs: 60 })
  watched.observe([turn, ...call('read', 'a')])
  expect(firstBreach(watched, 59)).toBeUndefined()
  watched.observe([turn])
  expect(watched.check(tick(0))?.reason).toMatch(/max_turns/)
})

test('L13: money is counted while the run goes on, not at its end', () => {
  const watched = watchdog({ max_budget_usd: 1, model: 'claude-sonnet-5' })
  const answer = {
    type: 'usage',
    input: 10_000,
    output: 18_000,
    cacheRead: 0,
    cacheWrite: 0,
  } as const
  watched.observe([{ type: 'session', id: 's', model: 'claude-sonnet-5' }])
  for (let count = 1; count <= 4; count += 1) {
    watched.observe([turn, answer])
    expect(watched.check(tick(1))).toBeUndefined()
  }
  watched.observe([turn, answer])
  expect(watched.check(tick(1))).toEqual({
    reason: 'The agent has cost $1.00, and may cost $1.00 (max_budget_usd).',
    next: 'judge',
  })
})

test("the item's money is its own affair, and that of the day is nobody's fault", () => {
  const watched = watchdog()
  const item = { broke: { item: 'it has cost $5.00', today: undefined } }
  const today = { broke: { item: undefined, today: 'this day has cost $9.00' } }
  expect(watched.check(tick(1, item))).toEqual({
    reason: 'There is no money left: it has cost $5.00.',
    next: 'judge',
  })
  expect(watched.check(tick(1, today))?.next).toBe('reassign')
})

test('a program that has told its end has ten seconds to leave, unless it goes on', () => {
  const watched = watchdog()
  watched.observe([turn, end])
  for (let second = 1; second < 10; second += 1) watched.check(tick(1))
  expect(watched.isOverdue).toBe(false)
  watched.check(tick(1))
  expect(watched.isOverdue).toBe(true)
  watched.observe([turn])
  expect(watched.isOverdue).toBe(false)
  watched.observe([text('more')])
  watched.check(tick(60))
  expect(watched.isOverdue).toBe(false)
})

test('what is read in pieces, or a second time after a restart, is judged as what is read at once', () => {
  const limits = { max_turns: 5, max_tool_turns: 3, max_budget_usd: 2 }
  fc.assert(
    fc.property(fc.array(fc.array(anyEvent, { maxLength: 5 })), (pieces) => {
      const bit = watchdog(limits)
      const whole = watchdog(limits)
      for (const piece of pieces) bit.observe(piece)
      whole.observe(pieces.flat())
      expect(bit.check(tick(1))).toEqual(whole.check(tick(1)))
      expect(bit.isOverdue).toBe(whole.isOverdue)
    }),
  )
})

test('a run that waits for one of our own tools is neither silent nor stuck, but grows older', () => {
  const limits = { inactivity_timeout_secs: 60, progress_timeout_secs: 60, tool_timeout_secs: 60 }
  const watched = watchdog({ ...limits, run_timeout_secs: 300 })
  watched.observe([turn, { type: 'tool-start', id: 'a', name: 'ask_person', input: {} }])
  expect(firstBreach(watched, 200, () => ({ waits: true }))).toBeUndefined()
  expect(firstBreach(watched, 60)?.second).toBe(60)
  const old = watchdog({ ...limits, run_timeout_secs: 300 })
  expect(firstBreach(old, 400, () => ({ waits: true }))?.breach.reason).toMatch(/run_timeout_secs/)
})
