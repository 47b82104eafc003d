import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Turns } from '../../../src/agents/watch/turns.ts'
import { anyEvent, call, text, turn } from './looks.ts'

test('the turn beyond max_turns ends a run, and the one that reaches it does not', () => {
  const turns = new Turns({ max_turns: 2 })
  turns.observe([turn, ...call('read', 'a'), turn, text('done')])
  expect(turns.check()).toBeUndefined()
  turns.observe([turn])
  expect(turns.check()).toEqual({
    reason: 'The agent was not done after 2 turns (max_turns).',
    next: 'judge',
  })
})

test('L14: talk does not use up the turns with tools', () => {
  const turns = new Turns({ max_tool_turns: 2 })
  for (let count = 0; count < 100; count += 1) turns.observe([turn, text('let me think')])
  turns.observe([turn, ...call('read', 'a'), ...call('read', 'b')])
  turns.observe([turn, ...call('read', 'c')])
  expect(turns.check()).toBeUndefined()
  turns.observe([turn, text('one more'), ...call('read', 'd')])
  expect(turns.check()?.reason).toMatch(/after 2 turns with tools/)
})

test('however it is cut into pieces, a run breaks a limit exactly when it has more turns than that', () => {
  fc.assert(
    fc.property(fc.array(fc.array(anyEvent)), fc.integer({ min: 1, max: 9 }), (pieces, limit) => {
      const turns = new Turns({ max_turns: limit })
      for (const piece of pieces) turns.observe(piece)
      const count = pieces.flat().filter(({ type }) => type === 'turn').length
      expect(turns.check() !== undefined).toBe(count > limit)
    }),
  )
})

test('there are never more turns with tools than turns, and without a limit nothing is broken', () => {
  fc.assert(
    fc.property(fc.array(anyEvent), fc.integer({ min: 1, max: 9 }), (events, limit) => {
      const all = new Turns({ max_turns: limit })
      const withTools = new Turns({ max_tool_turns: limit })
      const free = new Turns({})
      // What comes before the first turn belongs to none.
      for (const turns of [all, withTools, free]) turns.observe([turn, ...events])
      if (withTools.check()) expect(all.check()).toBeDefined()
      expect(free.check()).toBeUndefined()
    }),
  )
})
