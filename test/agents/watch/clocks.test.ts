import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AgentEvent } from '../../../src/agents/runtime.ts'
import { Lifetime } from '../../../src/agents/watch/lifetime.ts'
import { Progress } from '../../../src/agents/watch/progress.ts'
import { Silence } from '../../../src/agents/watch/silence.ts'
import { ToolTime } from '../../../src/agents/watch/tool-time.ts'
import { call, firstBreach, text, tick, turn } from './looks.ts'

const build: AgentEvent = { type: 'tool-start', id: 'b', name: 'bash', input: 'cargo build' }
const built: AgentEvent = { type: 'tool-end', id: 'b', ok: true, output: 'ok' }

describe('no output', () => {
  test('ends a run after so long, and any byte that is printed begins the time anew', () => {
    const silence = new Silence(300)
    silence.observe([turn])
    expect(firstBreach(silence, 299)).toBeUndefined()
    silence.observe([])
    expect(firstBreach(silence, 400)).toEqual({
      second: 300,
      breach: {
        reason: 'The agent said nothing for 300 seconds (inactivity_timeout_secs).',
        next: 'judge',
      },
    })
  })

  test('stands still while a call is open and the processes work', () => {
    const silence = new Silence(300)
    silence.observe([turn, build])
    const working = (second: number) => ({ cpuMs: () => second * 200 })
    expect(firstBreach(silence, 1700, working)).toBeUndefined()
    const stuck = firstBreach(silence, 1000, () => ({ cpuMs: () => 1700 * 200 }))
    expect(stuck?.second).toBeGreaterThanOrEqual(300)
    expect(stuck?.second).toBeLessThanOrEqual(310)
  })

  test('goes on while the processes work and no call is open, or one is and nothing works', () => {
    const idle = new Silence(60)
    idle.observe([turn, build, built])
    expect(firstBreach(idle, 100, (second) => ({ cpuMs: () => second * 900 }))?.second).toBe(60)
    const waiting = new Silence(60)
    waiting.observe([turn, build])
    expect(firstBreach(waiting, 100, (second) => ({ cpuMs: () => second * 5 }))?.second).toBe(60)
  })

  test('stands still while the processes of a program work that tells of its calls later', () => {
    const late = new Silence(60, true)
    late.observe([turn])
    expect(firstBreach(late, 300, (second) => ({ cpuMs: () => second * 200 }))).toBeUndefined()
    expect(firstBreach(late, 100)?.second).toBeLessThanOrEqual(70)
  })

  test('asks for the processor time a few times a minute only', () => {
    const silence = new Silence(300)
    silence.observe([turn, build])
    let asked = 0
    firstBreach(silence, 60, () => ({ cpuMs: () => ++asked * 1000 }))
    expect(asked).toBeLessThanOrEqual(26)
  })
})

describe('no progress', () => {
  test('L10: an agent that only reads makes progress as long as it reads other files', () => {
    const progress = new Progress(3600)
    for (let file = 0; file < 50; file += 1) {
      progress.observe([turn, ...call('read', { path: `src/${file}.ts` })])
      expect(firstBreach(progress, 3599)).toBeUndefined()
    }
    for (let file = 0; file < 10; file += 1) {
      progress.observe([turn, ...call('read', { path: `src/${file}.ts` })])
      const found = firstBreach(progress, 359)
      if (found) return expect(found.breach.reason).toMatch(/did nothing new for 3600 seconds/)
    }
    throw new Error('it read the same files for an hour and nobody said anything')
  })

  test('talk is none, except of a program that tells neither turns nor tools', () => {
    const talker = new Progress(100)
    const script = new Progress(100)
    talker.observe([turn])
    for (let second = 0; second < 99; second += 1) {
      talker.observe([text(`${second}`)])
      script.observe([text('working')])
      expect(talker.check(tick(1))).toBeUndefined()
      expect(script.check(tick(1))).toBeUndefined()
    }
    talker.observe([text('still here')])
    script.observe([text('working')])
    expect(talker.check(tick(1))).toBeDefined()
    expect(script.check(tick(1))).toBeUndefined()
  })
})

test('a run that is older than its limit is ended, also by a later start of the program', () => {
  expect(firstBreach(new Lifetime(100, 0), 200)?.second).toBe(100)
  expect(firstBreach(new Lifetime(100, 70_000), 200)?.second).toBe(30)
  expect(firstBreach(new Lifetime(0, 70_000), 200)).toBeUndefined()
})

test('one call has a limit of its own, however busy it is; the next begins anew', () => {
  const calls = new ToolTime(1800)
  calls.observe([turn, build])
  expect(firstBreach(calls, 1799)).toBeUndefined()
  calls.observe([built, { ...build, id: 'c' }])
  const found = firstBreach(calls, 2000)
  expect(found?.second).toBe(1800)
  expect(found?.breach.reason).toBe(
    'A call of the tool bash took more than 1800 seconds (tool_timeout_secs).',
  )
  const unlimited = new ToolTime(0)
  unlimited.observe([build])
  expect(firstBreach(unlimited, 10_000)).toBeUndefined()
})

test('a clock fires when its time has passed and not before, however it is looked at', () => {
  const looks = fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 100 })
  fc.assert(
    fc.property(looks, fc.integer({ min: 1, max: 30 }), (elapsed, limit) => {
      for (const clock of [new Silence(limit), new Progress(limit), new Lifetime(limit, 0)]) {
        let passed = 0
        for (const ms of elapsed) {
          passed += ms
          const breach = clock.check({ ...tick(0), elapsedMs: ms })
          expect(breach !== undefined).toBe(passed >= limit * 1000)
        }
      }
    }),
  )
})
