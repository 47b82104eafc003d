import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Spending } from '../../../src/agents/money/spending.ts'
import type { AgentEvent } from '../../../src/agents/runtime.ts'
import { anyEvent, call, text, turn } from '../watch/looks.ts'

function spent(...events: AgentEvent[]): Spending {
  const spending = new Spending()
  spending.observe(events)
  return spending
}

const session: AgentEvent = { type: 'session', id: 's', model: 'claude-sonnet-4-5' }
const used = { input: 100_000, output: 10_000, cacheRead: 1_000_000, cacheWrite: 40_000 }
const usage: AgentEvent = { type: 'usage', ...used }

test('tokens are priced as they are used, by the model that answers', () => {
  expect(spent(session, usage).usd).toBeCloseTo(0.3 + 0.15 + 0.3 + 0.15)
  expect(spent(session, { ...usage, model: 'claude-opus-4-1' }).usd).toBeCloseTo(5 * 0.9)
  expect(spent(usage).usd).toBeGreaterThan(spent({ ...usage, model: 'claude-opus-4-5' }).usd)
})

test("the program's own word takes the place of the estimate; what comes after it is estimated again", () => {
  const ended = spent(session, usage, { type: 'cost', usd: 0.5 })
  expect([ended.usd, ended.estimated]).toEqual([0.5, 0])
  const killed = spent(session, usage, { type: 'cost', usd: 0.5 }, usage)
  expect(killed.measured).toBe(0.5)
  expect(killed.estimated).toBeCloseTo(0.9)
  expect(killed.usd).toBeCloseTo(1.4)
})

test('what is seen being written counts where the program has not counted it yet', () => {
  const placeholder: AgentEvent = { type: 'usage', ...used, output: 1 }
  const said = text('x'.repeat(400_000))
  const before = spent(session, turn, placeholder).usd
  expect(spent(session, turn, placeholder, said).usd - before).toBeCloseTo(1.5, 3)
  // Told later, the same tokens are not counted twice.
  const told: AgentEvent = { type: 'usage', ...used, output: 100_000 }
  expect(spent(session, turn, said, told).usd).toBeCloseTo(spent(session, turn, told).usd)
})

test('L13: a program that tells its tokens only at the end is estimated from what is seen until then', () => {
  const files = Array.from({ length: 20 }, (_, n) => call('read', `${n}`, 'x'.repeat(40_000)))
  const work = files.flatMap((read) => [turn, ...read])
  const { usd } = spent(session, ...work)
  // The files, of 10 000 tokens each, are sent once, and read from a cache with each later answer.
  expect(usd).toBeGreaterThan((200_000 * 3 + 20 * 50_000 * 0.3) / 1e6)
  expect(usd).toBeLessThan((250_000 * 3 + 20 * 200_000 * 0.3) / 1e6)
  expect(spent(session, ...work, usage).usd).toBeCloseTo(spent(session, usage).usd, 2)
})

test('a script that asks no model costs nothing, whatever it prints', () => {
  expect(spent(text('x'.repeat(100_000)), text('y')).usd).toBe(0)
})

test('it never falls while nothing is measured, and how it was cut into pieces changes nothing', () => {
  fc.assert(
    fc.property(fc.array(anyEvent), (events) => {
      const piecewise = new Spending()
      let before = 0
      for (const event of events) {
        piecewise.observe([event])
        if (event.type !== 'cost' && event.type !== 'session' && event.type !== 'usage')
          expect(piecewise.usd).toBeGreaterThanOrEqual(before)
        before = piecewise.usd
      }
      const { usd, measured, estimated } = spent(...events)
      expect([piecewise.usd, piecewise.measured, piecewise.estimated]).toEqual([
        usd,
        measured,
        estimated,
      ])
      expect(usd).toBeCloseTo(measured + estimated)
    }),
  )
})
