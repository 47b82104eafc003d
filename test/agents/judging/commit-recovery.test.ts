import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  countRecovery,
  type Recovery,
  recoveryExhausted,
} from '../../../src/agents/judging/commit-recovery.ts'

interface End {
  readonly fingerprint: string
  readonly forced?: boolean
}

function after(...ends: readonly End[]): Recovery {
  let counted: Recovery | undefined
  for (const { fingerprint, forced = false } of ends)
    counted = countRecovery(counted, fingerprint, forced)
  if (!counted) throw new Error('no end was counted')
  return counted
}

const same = { fingerprint: 'same' }

it('L11: gives up at the third end in a row without progress, not at the second', () => {
  expect(recoveryExhausted(after(same, same))).toBeUndefined()
  expect(recoveryExhausted(after(same, same, same))).toContain('3 times in a row')
})

it('L11: gives up at the eighth end, even with progress each time', () => {
  const ends = Array.from({ length: 8 }, (_, index) => ({ fingerprint: `work-${index}` }))
  expect(recoveryExhausted(after(...ends.slice(0, 7)))).toBeUndefined()
  expect(recoveryExhausted(after(...ends))).toContain('8 times')
})

it('L10: a forced end is no strike', () => {
  const forced = { ...same, forced: true }
  expect(after(same, forced, forced, forced)).toMatchObject({ idle: 1, total: 4 })
})

it('L10: progress starts the strikes anew', () => {
  expect(after(same, same, { fingerprint: 'more' })).toMatchObject({ idle: 1, total: 3 })
})

it('L11: no agent that never commits goes on for ever', () => {
  const end = fc.record({ fingerprint: fc.constantFrom('a', 'b', 'c'), forced: fc.boolean() })
  fc.assert(
    fc.property(fc.array(end, { minLength: 8, maxLength: 20 }), (ends) => {
      expect(recoveryExhausted(after(...ends))).toBeDefined()
    }),
  )
})
