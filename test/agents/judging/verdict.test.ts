import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Evidence, judge, type Verdict } from '../../../src/agents/judging/verdict.ts'
import type { AgentRole, Run } from '../../../src/agents/runs/run.ts'
import type { Outcome } from '../../../src/agents/runtime.ts'
import type { Item } from '../../../src/pipeline/item.ts'
import type { Stage } from '../../../src/pipeline/stage.ts'
import type { WorkState } from '../../../src/pipeline/worktrees.ts'
import { green, red } from '../../support/fake-gates.ts'

const work = { branch: 'feature/item-1', ahead: 1 }
const stages: { readonly [R in Exclude<AgentRole, 'other'>]: Stage } = {
  coder: { kind: 'coding', retries: 0 },
  qa: { kind: 'qa', retries: 0, work },
  mergemaster: {
    ...{ kind: 'merge-failure', attempts: 1, work },
    failure: { kind: 'conflict', detail: 'a.txt' },
  },
}
type Role = keyof typeof stages
const roles = Object.keys(stages) as Role[]

const clean: WorkState = {
  ...{ branch: work.branch, head: 'abc', ahead: 0, fingerprint: 'abc' },
  uncommitted: [],
}

function evidence(role: Role, outcome: Outcome, more: Partial<Evidence> = {}): Evidence {
  const item: Item = {
    ...{ id: 1, type: 'story', name: 'Something', body: '', criteria: [], stage: stages[role] },
    ...{ priority: 'normal', dependsOn: [], generation: 1, returns: 0, created: 0, updated: 0 },
    origin: { kind: 'person', id: 'terminal:anna' },
  }
  const run: Run = {
    ...{ id: 'r1', item: 1, agent: 'ann', role, account: 'claude-code', state: 'exited', token: 1 },
    ...{ attempt: 1, offset: 10, session: 's1', outcome, startedAt: 0 },
  }
  return {
    ...{ run, item, work: clean, report: undefined, recovery: undefined },
    ...{ silentDeaths: 0, alike: 1, judgesByExit: true, lastOutput: '' },
    ...{ maxRetries: 2, defaultQa: 'server' },
    ...more,
  }
}

/** The verdict in a few words. */
function told(verdict: Verdict): string {
  if (verdict.kind === 'gates') return 'gates'
  const { events, recovery, postponed } = verdict
  const words = [
    ...events.map(({ type }) => type),
    ...(recovery === 'forgotten' ? ['recovery forgotten'] : recovery ? ['recovery counted'] : []),
    ...(postponed ? [`again in ${postponed.ms / 1000} s`] : []),
  ]
  return words.join(', ') || 'again'
}

const limited: Outcome = { kind: 'limited', reason: 'Limit.', until: 1 }
const refused: Outcome = { kind: 'refused', reason: 'Wrong key.' }
const overloaded: Outcome = { kind: 'overloaded', reason: 'Busy.' }
const lost: Outcome = { kind: 'lost-session', reason: 'Unknown.' }
const cutOff: Outcome = { kind: 'interrupted' }
const failed: Outcome = { kind: 'failed', reason: 'No.' }
const completed: Outcome = { kind: 'completed' }
const turns: Outcome = { kind: 'exhausted', what: 'turns', reason: 'No turns left.' }

describe('a run that has committed nothing', () => {
  it.each<[Outcome, Record<Role, string>]>([
    [completed, { coder: 'gates-failed', qa: 'qa-passed', mergemaster: 'requeue' }],
    [failed, { coder: 'gates-failed', qa: 'qa-failed', mergemaster: 'recovery-attempted' }],
    [turns, { coder: 'gates-failed', qa: 'again', mergemaster: 'recovery-attempted' }],
    [cutOff, { coder: 'again', qa: 'again', mergemaster: 'again' }],
    [lost, { coder: 'again', qa: 'again', mergemaster: 'again' }],
    [refused, { coder: 'again', qa: 'again', mergemaster: 'again' }],
  ])('%j', (outcome, expected) => {
    const verdicts = roles.map((role) => [role, told(judge(evidence(role, outcome)))])
    expect(Object.fromEntries(verdicts)).toEqual(expected)
  })

  it('L12: at a limit nothing is counted, and what was counted of its recovery is forgotten', () => {
    for (const role of roles)
      expect(told(judge(evidence(role, limited)))).toBe('recovery forgotten')
  })

  it('of an overloaded service starts again later each time, an hour at most', () => {
    const again = [1, 2, 7, 8, 11].map((alike) =>
      told(judge(evidence('coder', overloaded, { alike }))),
    )
    expect(again.map((words) => words.replace('again in ', ''))).toEqual([
      ...['30 s', '60 s', '1920 s', '3600 s', '3600 s'],
    ])
    expect(told(judge(evidence('coder', overloaded, { alike: 12 })))).toBe('block')
  })

  it('counts half where it was cut off from outside, with the failures before', () => {
    const stage = (retries: number): Stage => ({ kind: 'coding', retries })
    const verdictOf = (alike: number, retries: number) => {
      const base = evidence('coder', cutOff, { alike })
      return told(judge({ ...base, item: base.item && { ...base.item, stage: stage(retries) } }))
    }
    expect([5, 6].map((alike) => verdictOf(alike, 0))).toEqual(['again', 'block'])
    expect([1, 2].map((alike) => verdictOf(alike, 2))).toEqual(['again', 'block'])
  })

  it('is blocked where it died as it started, again and again', () => {
    const verdict = judge(evidence('qa', failed, { silentDeaths: 5 }))
    expect(verdict).toMatchObject({
      events: [
        {
          type: 'block',
          reason: 'The agent ann died 5 times in a row before it got to work. Last: No.',
        },
      ],
    })
  })

  it('loses its session once without a failure, and then with one', () => {
    const again = [1, 2].map((alike) => told(judge(evidence('coder', lost, { alike }))))
    expect(again).toEqual(['again', 'gates-failed'])
  })
})

describe('a coder that has committed', () => {
  const ahead = { work: { ...clean, ahead: 1 } }

  it.each([completed, failed, turns, cutOff])('L20: is judged by the gates: %j', (outcome) => {
    expect(told(judge(evidence('coder', outcome, ahead)))).toBe('gates')
    expect(told(judge(evidence('coder', outcome, { ...ahead, report: green })))).toBe('qa-skipped')
    expect(told(judge(evidence('coder', outcome, { ...ahead, report: red('test') })))).toBe(
      'gates-failed',
    )
  })

  it.each([limited, refused, overloaded, lost])('is not, where it will go on: %j', (outcome) => {
    expect(told(judge(evidence('coder', outcome, ahead)))).not.toBe('gates')
  })
})

const outcomes = fc.constantFrom(
  limited,
  refused,
  overloaded,
  lost,
  cutOff,
  failed,
  completed,
  turns,
)

it('what is nobody’s fault never counts as a failure, whatever else is true', () => {
  const all = fc.record({
    role: fc.constantFrom(...roles),
    outcome: fc.constantFrom(limited, refused),
    alike: fc.integer({ min: 1, max: 100 }),
    silentDeaths: fc.integer({ min: 0, max: 100 }),
    ahead: fc.nat(3),
    dirty: fc.boolean(),
  })
  fc.assert(
    fc.property(all, ({ role, outcome, alike, silentDeaths, ahead, dirty }) => {
      const state = { ...clean, ahead, uncommitted: dirty ? ['a'] : [] }
      const verdict = judge(evidence(role, outcome, { alike, silentDeaths, work: state }))
      expect(verdict).toMatchObject({ kind: 'end', events: [] })
    }),
  )
})

it('no end repeats for ever: every outcome but those of its account comes to an event', () => {
  fc.assert(
    fc.property(fc.constantFrom(...roles), outcomes, (role, outcome) => {
      if (outcome.kind === 'limited' || outcome.kind === 'refused') return
      expect(told(judge(evidence(role, outcome, { alike: 50 })))).toMatch(/^[a-z]+(-[a-z]+)?$/)
      expect(told(judge(evidence(role, outcome, { alike: 50 })))).not.toBe('again')
    }),
  )
})

it('L06, L03: whatever its end, a run whose item has moved on changes nothing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...roles),
      fc.constantFrom(...roles),
      outcomes,
      (role, at, outcome) => {
        fc.pre(role !== at)
        const base = evidence(role, outcome)
        const moved = base.item && { ...base.item, stage: stages[at] }
        expect(told(judge({ ...base, item: moved }))).toBe('again')
      },
    ),
  )
})
