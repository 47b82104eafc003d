import fc from 'fast-check'
import { expect, test } from 'vitest'
import { badgeOf, columnOf } from '../../src/pipeline/columns.ts'
import { itemTypes } from '../../src/pipeline/item.ts'
import type { Stage, StageEvent } from '../../src/pipeline/stage.ts'
import { transition } from '../../src/pipeline/transition.ts'
import { events } from './samples.ts'

const anyEvent: fc.Arbitrary<StageEvent> = fc.constantFrom<StageEvent>(
  ...Object.values(events),
  { type: 'reject', reason: 'no', close: true },
  { type: 'qa-skipped', work: { branch: 'b', ahead: 0 } },
  { type: 'merge-failed', failure: { kind: 'empty-diff' } },
  { type: 'merge-failed', failure: { kind: 'other', detail: 'no disk' } },
)

/** Calls `law` for every step of random lives of items of every type. */
function onEveryStep(law: (step: Step) => void): void {
  const lives = fc.tuple(fc.constantFrom(...itemTypes), fc.array(anyEvent, { maxLength: 60 }))
  fc.assert(
    fc.property(lives, ([type, life]) => {
      let from: Stage = { kind: 'upcoming' }
      let returns = 0
      life.forEach((event, now) => {
        const context = { type, now, returns, maxReturns: 3 }
        const result = transition(from, event, context)
        law({ from, event, context, result })
        if (!result.ok) return
        from = result.stage
        returns = result.returns
      })
    }),
    { numRuns: 300 },
  )
}

interface Step {
  readonly from: Stage
  readonly event: StageEvent
  readonly context: Parameters<typeof transition>[2]
  readonly result: ReturnType<typeof transition>
}

test('an illegal event names exactly the events that are legal', () => {
  onEveryStep(({ from, context, result }) => {
    if (result.ok) return
    const legal = Object.values(events).filter((event) => transition(from, event, context).ok)
    expect(result.legal.toSorted()).toEqual(legal.map(({ type }) => type).toSorted())
  })
})

test('L39: freezing and unfreezing is the identity, wherever freezing is legal', () => {
  onEveryStep(({ from, context }) => {
    const frozen = transition(from, events.freeze, context)
    if (!frozen.ok) return
    expect(columnOf(frozen.stage)).toBe(columnOf(from))
    expect(badgeOf(frozen.stage)).toBe('frozen')
    expect(transition(frozen.stage, events.unfreeze, context)).toEqual({
      ok: true,
      stage: from,
      returns: context.returns,
    })
  })
})

test('an epic is never worked on, and a spike is never merged', () => {
  onEveryStep(({ from, context: { type } }) => {
    if (type === 'epic') expect(columnOf(from)).toMatch(/backlog|done|archived|closed|coding/)
    if (type === 'epic') expect(from.kind).not.toBe('coding')
    if (type === 'spike') expect(columnOf(from)).not.toBe('merge')
  })
})

test('only work with commits is queued, and only a merge makes a done item with a commit', () => {
  onEveryStep(({ event, result }) => {
    if (!result.ok) return
    const { stage } = result
    if (stage.kind === 'merge') expect(stage.work.ahead).toBeGreaterThan(0)
    if (stage.kind === 'done' && stage.commit && event.type !== 'unfreeze')
      expect(event.type).toBe('merged')
  })
})

test('retries start at 0 unless the event is a retry or ends a pause', () => {
  const keeps = ['gates-failed', 'requeue', 'merge-started', 'unfreeze', 'approve']
  onEveryStep(({ event, result }) => {
    if (!result.ok || keeps.includes(event.type)) return
    if ('retries' in result.stage) expect(result.stage.retries).toBe(0)
  })
})

test('returns never fall but by unblocking, and at the limit nothing comes back to coding', () => {
  onEveryStep(({ from, event, context, result }) => {
    if (!result.ok) return
    if (event.type === 'unblock') expect(result.returns).toBe(0)
    else expect(result.returns).toBeGreaterThanOrEqual(context.returns)
    const counted = result.returns > context.returns
    if (counted) expect(['qa', 'merge']).toContain(columnOf(from))
    if (counted && result.returns >= context.maxReturns) expect(result.stage.kind).toBe('blocked')
  })
})
