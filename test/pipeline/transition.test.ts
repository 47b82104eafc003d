import { describe, expect, test } from 'vitest'
import { columnOf } from '../../src/pipeline/columns.ts'
import { type ItemType, itemTypes } from '../../src/pipeline/item.ts'
import type { Stage, StageEvent, StageEventType, StageKind } from '../../src/pipeline/stage.ts'
import { transition } from '../../src/pipeline/transition.ts'
import { conflict, events, eventTypes, stageKinds, stages, work } from './samples.ts'

/** Every legal event of a story in each stage, and the stage that it leads to. All else is illegal. */
const lives: { readonly [K in StageKind]: string } = {
  upcoming: `triage>backlog start>coding dependencies-met>coding archive>archived block>blocked
    freeze>frozen abandon>abandoned supersede>superseded close>done`,
  backlog: `start>coding dependencies-met>coding archive>archived block>blocked freeze>frozen
    abandon>abandoned supersede>superseded close>done`,
  coding: `gates-passed>qa qa-skipped>merge gates-failed>coding hold>review-hold demote>backlog
    block>blocked freeze>frozen abandon>abandoned supersede>superseded close>done`,
  blocked: `unblock>coding demote>backlog archive>archived freeze>frozen abandon>abandoned
    supersede>superseded close>done`,
  qa: `qa-passed>merge qa-failed>coding gates-failed>coding hold>review-hold demote>backlog
    block>blocked freeze>frozen abandon>abandoned supersede>superseded close>done`,
  'review-hold': `approve>merge reject>coding demote>backlog block>blocked freeze>frozen
    abandon>abandoned supersede>superseded close>done`,
  merge: `merge-started>merge merged>done merge-failed>merge-failure fix-up>coding hold>review-hold
    demote>backlog block>blocked freeze>frozen abandon>abandoned supersede>superseded close>done`,
  'merge-failure': `start>merge requeue>merge recovery-attempted>merge-failure fix-up>coding
    hold>review-hold demote>backlog block>blocked freeze>frozen abandon>abandoned
    supersede>superseded close>done`,
  'merge-failure-final': `start>merge requeue>merge recovery-attempted>merge-failure-final
    fix-up>coding hold>review-hold demote>backlog block>blocked freeze>frozen abandon>abandoned
    supersede>superseded close>done`,
  done: 'accept>archived archive>archived reopen>backlog freeze>frozen',
  archived: 'reopen>backlog',
  frozen: 'unfreeze>coding abandon>abandoned supersede>superseded',
  abandoned: 'archive>archived reopen>backlog',
  superseded: 'archive>archived reopen>backlog',
  rejected: 'archive>archived reopen>backlog',
}

/** What items of a type never do, wherever they stand. */
const never: { readonly [T in ItemType]: string } = {
  story: '',
  bug: '',
  refactor: '',
  spike: `gates-passed qa-skipped qa-passed qa-failed merge-started merged merge-failed
    recovery-attempted fix-up requeue`,
  epic: 'start dependencies-met',
}

function take(stage: Stage, event: StageEvent, type: ItemType = 'story', returns = 0) {
  return transition(stage, event, { type, now: 9_000, returns, maxReturns: 3 })
}

/** The stage after a legal event. */
function stageAfter(stage: Stage, event: StageEvent, type: ItemType = 'story', returns = 0): Stage {
  const result = take(stage, event, type, returns)
  if (!result.ok) throw new Error(`${event.type} is illegal in ${stage.kind}`)
  return result.stage
}

describe.each(itemTypes)('a %s', (type) => {
  const forbidden = never[type].split(/\s+/)

  test.each(stageKinds)('in %s takes the events of the table and no other', (kind) => {
    const legal = new Map(
      lives[kind]
        .split(/\s+/)
        .map((pair) => pair.split('>') as [StageEventType, StageKind])
        .filter(([event]) => !forbidden.includes(event)),
    )
    // The one cell that depends on the type: a spike that a person approves is done.
    if (type === 'spike' && kind === 'review-hold') legal.set('approve', 'done')
    for (const event of eventTypes) {
      const before = structuredClone(stages[kind])
      const result = take(stages[kind], events[event], type)
      const outcome = result.ok ? result.stage.kind : undefined
      expect(outcome, `${kind} + ${event}`).toBe(legal.get(event))
      if (!result.ok) expect(result.legal.toSorted()).toEqual([...legal.keys()].toSorted())
      expect(stages[kind]).toEqual(before)
    }
  })
})

describe('counters', () => {
  test('a new stage counts its retries from 0, and only a retry counts on', () => {
    expect(stageAfter(stages.backlog, events.start)).toEqual({ kind: 'coding', retries: 0 })
    expect(stageAfter(stages.coding, events['gates-failed'])).toEqual({
      kind: 'coding',
      retries: 2,
      failure: 'lint failed',
    })
    expect(stageAfter(stages.coding, events['qa-skipped'])).toMatchObject({
      retries: 0,
      since: 9_000,
    })
  })

  test('every way back from qa or merge to coding is a return, and approval is none', () => {
    const returnsOf = (stage: Stage, event: StageEvent) => {
      const result = take(stage, event)
      return result.ok && result.returns
    }
    expect(returnsOf(stages.qa, events['qa-failed'])).toBe(1)
    expect(returnsOf(stages.qa, events['gates-failed'])).toBe(1)
    expect(returnsOf(stages['review-hold'], events.reject)).toBe(1)
    expect(returnsOf(stages['merge-failure'], events['fix-up'])).toBe(1)
    expect(returnsOf(stages.merge, events['fix-up'])).toBe(1)
    const heldCoding: Stage = { kind: 'review-hold', reason: '', resumeTo: stages.coding }
    expect(returnsOf(heldCoding, events.approve)).toBe(0)
    expect(returnsOf(stages.blocked, events.demote)).toBe(0)
  })

  test('an item that comes back too often is blocked, says why, and unblocking counts anew', () => {
    const result = take(stages.qa, events['qa-failed'], 'story', 2)
    expect(result).toEqual({
      ok: true,
      returns: 3,
      stage: {
        kind: 'blocked',
        reason:
          'It came back from review or merge 3 times, which is the limit. Last: criterion 2 is not met',
        resumeTo: { kind: 'coding', retries: 0, failure: 'criterion 2 is not met' },
      },
    })
    expect(result.ok && take(result.stage, events.unblock, 'story', 3)).toMatchObject({
      ok: true,
      returns: 0,
      stage: { kind: 'coding', retries: 0, failure: 'criterion 2 is not met' },
    })
  })

  test('unblocking sets the counter of whatever it resumes to back to its beginning', () => {
    const blocked = (resumeTo: Stage): Stage => ({ kind: 'blocked', reason: '', resumeTo })
    expect(stageAfter(blocked(stages.merge), events.unblock)).toEqual({
      ...stages.merge,
      retries: 0,
    })
    const failure: Stage = { ...stages['merge-failure'], attempts: 3 }
    expect(stageAfter(blocked(failure), events.unblock)).toEqual({ ...failure, attempts: 1 })
    expect(stageAfter({ kind: 'blocked', reason: 'an old row' }, events.unblock).kind).toBe(
      'coding',
    )
  })
})

describe('merging', () => {
  test('L05: a merge that fails for ever is given to an agent three times, then to nobody', () => {
    let stage: Stage = { ...stages.merge, retries: 0 }
    for (const attempts of [1, 2, 3]) {
      stage = stageAfter(stage, events['merge-failed'])
      expect(stage).toMatchObject({ kind: 'merge-failure', attempts })
      stage = stageAfter(stage, events.requeue)
    }
    expect(stageAfter(stage, events['merge-failed']).kind).toBe('merge-failure-final')
  })

  test('L05: a recovery agent that ends without mending it has used up an attempt', () => {
    const third: Stage = { ...stages['merge-failure'], attempts: 3 }
    expect(stageAfter(stages['merge-failure'], events['recovery-attempted'])).toMatchObject({
      attempts: 2,
    })
    expect(stageAfter(third, events['recovery-attempted']).kind).toBe('merge-failure-final')
  })

  test('L30: a merge that was found running at a start is started again, and is not a strike', () => {
    expect(stageAfter(stages.merge, events['merge-started'])).toEqual(stages.merge)
  })

  test('L35: a person starts a final failure again, with its work and fresh counters', () => {
    expect(stageAfter(stages['merge-failure-final'], events.start)).toEqual({
      kind: 'merge',
      work,
      retries: 0,
      since: 9_000,
    })
  })

  test('three failures in a row that no agent can mend block the item', () => {
    const other = { type: 'merge-failed', failure: { kind: 'other', detail: 'no disk' } } as const
    expect(stageAfter({ ...stages.merge, retries: 1 }, other)).toMatchObject({ attempts: 2 })
    expect(stageAfter({ ...stages.merge, retries: 2 }, other)).toMatchObject({
      kind: 'blocked',
      reason: 'The merge failed 3 times in a row: no disk',
      resumeTo: { kind: 'merge', retries: 0 },
    })
  })

  test('L26: an empty squash is a question to a person, and is never done', () => {
    const stage = stageAfter(stages.merge, {
      type: 'merge-failed',
      failure: { kind: 'empty-diff' },
    })
    expect(stage).toMatchObject({ kind: 'review-hold', resumeTo: { kind: 'merge' } })
  })

  test('L26: a branch without commits blocks the item instead of being judged or merged', () => {
    const nothing = { branch: 'feature/item-1', ahead: 0 }
    const failure = { kind: 'no-commits' } as const
    for (const stage of [
      stageAfter(stages.merge, { type: 'merge-failed', failure }),
      stageAfter(stages.coding, { type: 'qa-skipped', work: nothing }),
      stageAfter(stages.coding, { type: 'gates-passed', work: nothing }),
    ])
      expect(stage).toMatchObject({ kind: 'blocked', resumeTo: { kind: 'coding', retries: 0 } })
  })

  test('a landing that was under way while its item was paused is still recorded', () => {
    const frozen = stageAfter(stages.merge, events.freeze)
    const held = stageAfter(stages.merge, events.hold)
    const blocked = stageAfter(stages.merge, events.block)
    for (const paused of [frozen, held, blocked, stageAfter(blocked, events.freeze)])
      expect(stageAfter(paused, events.merged)).toEqual({
        kind: 'done',
        at: 9_000,
        commit: 'c0ffee',
      })
  })
})

describe('ways out of a pause', () => {
  test.each(stageKinds)('L39: freezing in %s comes back to exactly what was left', (kind) => {
    const closed = ['abandoned', 'superseded', 'rejected', 'archived', 'frozen'].includes(kind)
    const frozen = take(stages[kind], events.freeze)
    expect(frozen.ok).toBe(!closed)
    if (!frozen.ok) return
    expect(columnOf(frozen.stage)).toBe(columnOf(stages[kind]))
    expect(stageAfter(frozen.stage, events.unfreeze)).toEqual(stages[kind])
  })

  test('approval queues held work, ends a spike, and lets go what was only held', () => {
    const heldCoding: Stage = { kind: 'review-hold', reason: '', resumeTo: stages.coding }
    const queued = { kind: 'merge', work, retries: 0, since: 9_000 }
    expect(stageAfter(stages['review-hold'], events.approve)).toEqual(queued)
    expect(stageAfter(heldCoding, events.approve, 'spike')).toEqual({ kind: 'done', at: 9_000 })
    expect(stageAfter(heldCoding, events.approve)).toEqual(stages.coding)
  })

  test('a rejection carries its reason back to coding, or ends the item', () => {
    const close = { ...events.reject, close: true }
    expect(stageAfter(stages['review-hold'], events.reject)).toMatchObject({ failure: 'too slow' })
    expect(stageAfter(stages['review-hold'], close)).toEqual({
      kind: 'rejected',
      reason: 'too slow',
    })
  })

  test('what was put back into the backlog waits for a person', () => {
    expect(stageAfter(stages.coding, events.demote)).toEqual({ kind: 'backlog', manual: true })
    expect(stageAfter(stages.done, events.reopen)).toEqual({ kind: 'backlog', manual: true })
  })

  test('an item that is archived while it is blocked stays in coding, as blocked', () => {
    expect(columnOf(stageAfter(stages.blocked, events.archive))).toBe('coding')
    expect(columnOf(stageAfter(stages.done, events.archive))).toBe('archived')
  })
})

test.each(['done', 'archived', 'abandoned', 'superseded', 'rejected'] as const)(
  'L48: nothing but reopening puts an item that is %s back to work',
  (kind) => {
    for (const event of eventTypes.filter((type) => type !== 'reopen')) {
      const result = take(stages[kind], events[event])
      expect(['archived', 'frozen', undefined], event).toContain(
        result.ok ? result.stage.kind : undefined,
      )
    }
  },
)

test('a merge failure keeps what failed', () => {
  expect(stageAfter(stages.merge, events['merge-failed'])).toMatchObject({
    failure: conflict,
    work,
  })
})
