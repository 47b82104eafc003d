import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createLog } from '../../../src/kernel/log.ts'
import { Problem } from '../../../src/kernel/problem.ts'
import { ReconcilerEngine } from '../../../src/pipeline/reconcilers/engine.ts'
import type { LookAgain, Reconciler } from '../../../src/pipeline/reconcilers/reconciler.ts'
import { FakeClock } from '../../support/fake-clock.ts'

type Reconcile = (key: string, signal: AbortSignal) => Promise<LookAgain | undefined>

/** An engine on a clock of its own, with what it logged. Its jitter is none: the full delay. */
function setting(random = () => 1) {
  const clock = new FakeClock()
  const logged: { level: number; msg: string; key?: string }[] = []
  const log = createLog({ write: (line) => void logged.push(JSON.parse(line)) })
  const engine = new ReconcilerEngine({ clock, random, log }, 30_000)
  onTestFinished(() => engine.stop())
  return { clock, engine, logged }
}

/** A reconciler of the keys `1`, `2`, ... that counts its runs. */
function counting(keys: () => Iterable<string>, reconcile: Reconcile = async () => undefined) {
  const runs: string[] = []
  const reconciler: Reconciler = {
    name: 'counting',
    keys,
    keysOf: (item) => [String(item)],
    reconcile(key, signal) {
      runs.push(key)
      return reconcile(key, signal)
    },
  }
  return { reconciler, runs }
}

/** Lets everything happen that needs no time: promises only ever take microtasks here. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('a start and each interval look at every key, and a hint at the keys of its item', async () => {
  const { clock, engine } = setting()
  const { reconciler, runs } = counting(() => ['1', '2'])
  engine.add(reconciler)
  engine.hint(7)
  engine.start()
  await engine.whenIdle()
  expect(runs).toEqual(['1', '2'])
  engine.hint(7)
  await engine.whenIdle()
  expect(runs).toEqual(['1', '2', '7'])
  clock.advance(30_000)
  await engine.whenIdle()
  expect(runs).toEqual(['1', '2', '7', '1', '2'])
})

test('a burst of hints is one run, and one more for all that come while it runs', async () => {
  const { engine } = setting()
  const gate = Promise.withResolvers<undefined>()
  const { reconciler, runs } = counting(
    () => [],
    () => gate.promise,
  )
  engine.add(reconciler)
  engine.start()
  for (let hint = 0; hint < 50; hint += 1) engine.hint(1)
  await turn()
  expect(runs).toEqual(['1'])
  for (let hint = 0; hint < 50; hint += 1) engine.hint(1)
  await turn()
  expect(runs).toEqual(['1'])
  gate.resolve(undefined)
  await engine.whenIdle()
  expect(runs).toEqual(['1', '1'])
})

test('no more keys run at once than the reconciler allows, in the order of their hints', async () => {
  const { engine } = setting()
  const gates: (() => void)[] = []
  const { reconciler, runs } = counting(
    () => ['1', '2', '3', '4'],
    () => new Promise((resolve) => gates.push(() => resolve(undefined))),
  )
  engine.add(reconciler, 2)
  engine.start()
  await turn()
  expect(runs).toEqual(['1', '2'])
  gates[0]?.()
  await turn()
  expect(runs).toEqual(['1', '2', '3'])
  for (let index = 1; index < 4; index += 1) {
    gates[index]?.()
    await turn()
  }
  expect(engine.idle).toBe(true)
})

describe('a key that fails', () => {
  test('is tried again, later each time, up to five minutes, and from the start after success', async () => {
    const { clock, engine } = setting()
    let failing = true
    const { reconciler, runs } = counting(
      () => [],
      async () => {
        if (failing) throw new Error('git is busy')
        return undefined
      },
    )
    engine.add(reconciler)
    engine.start()
    engine.hint(1)
    const delays: number[] = []
    for (let retry = 0; retry < 10; retry += 1) {
      await turn()
      const before = clock.now()
      while (runs.length === retry + 1) {
        clock.advance((clock.next ?? 0) - clock.now())
        await turn()
      }
      delays.push((clock.now() - before) / 1_000)
    }
    expect(delays).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    failing = false
    clock.advance(300_000)
    await engine.whenIdle()
    failing = true
    engine.hint(1)
    await turn()
    const count = runs.length
    clock.advance(2_000)
    await turn()
    expect(runs).toHaveLength(count + 1)
  })

  test('is not idle while it backs off, and no interval hurries it, but a hint does', async () => {
    const { clock, engine } = setting()
    const { reconciler, runs } = counting(
      () => ['1'],
      async () => {
        throw new Error('git is busy')
      },
    )
    engine.add(reconciler)
    engine.start()
    await turn()
    for (const seconds of [2, 4, 8, 16]) {
      clock.advance(seconds * 1_000)
      await turn()
    }
    expect(runs).toHaveLength(5)
    clock.advance(30_000)
    await turn()
    expect(runs).toHaveLength(5)
    expect(engine.idle).toBe(false)
    engine.hint(1)
    await turn()
    expect(runs).toHaveLength(6)
  })

  test('never loops on the hints of its own changes', async () => {
    const { engine } = setting()
    const { reconciler, runs } = counting(
      () => [],
      async (key) => {
        engine.hint(Number(key))
        throw new Error('half done')
      },
    )
    engine.add(reconciler)
    engine.start()
    engine.hint(1)
    await turn()
    expect(runs).toEqual(['1'])
  })

  test('waits between half of the delay and all of it', async () => {
    const { clock, engine } = setting(() => 0)
    const { reconciler, runs } = counting(
      () => ['1'],
      async () => {
        throw new Error('git is busy')
      },
    )
    engine.add(reconciler)
    engine.start()
    await turn()
    clock.advance(999)
    await turn()
    expect(runs).toHaveLength(1)
    clock.advance(1)
    await turn()
    expect(runs).toHaveLength(2)
  })

  test('is logged as a warning where a person can mend it, and as an error otherwise', async () => {
    const { engine, logged } = setting()
    const { reconciler } = counting(
      () => ['1', '2'],
      async (key) => {
        throw key === '1' ? new Problem('dirty', 'Commit your changes.') : new Error('a bug')
      },
    )
    engine.add(reconciler)
    engine.start()
    await turn()
    expect(logged).toMatchObject([
      { level: 40, msg: 'Commit your changes.', key: '1' },
      { level: 50, key: '2' },
    ])
  })

  test('in naming its keys does not break whoever gave the hint', async () => {
    const { engine, logged } = setting()
    const { reconciler, runs } = counting(() => ['1'])
    const broken = () => {
      throw new Error('a bug')
    }
    engine.add({ ...reconciler, keys: broken, keysOf: broken })
    engine.add(reconciler)
    engine.start()
    engine.hint(2)
    await engine.whenIdle()
    expect(runs).toEqual(['1', '2'])
    expect(logged).toHaveLength(2)
  })
})

test('a key that wants to be looked at again is, and does not keep the engine from being idle', async () => {
  const { clock, engine } = setting()
  const { reconciler, runs } = counting(
    () => [],
    async () => ({ afterMs: 5_000 }),
  )
  engine.add(reconciler)
  engine.start()
  engine.hint(1)
  await engine.whenIdle()
  clock.advance(4_999)
  await turn()
  expect(runs).toHaveLength(1)
  engine.hint(1)
  await turn()
  clock.advance(4_999)
  await turn()
  expect(runs).toHaveLength(2)
  clock.advance(1)
  await turn()
  expect(runs).toHaveLength(3)
})

test('stopping aborts what runs, waits for its end, and starts nothing more', async () => {
  const { clock, engine, logged } = setting()
  const ended: string[] = []
  const { reconciler, runs } = counting(
    () => ['1', '2'],
    (key, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          ended.push(key)
          reject(signal.reason)
        })
      }),
  )
  engine.add(reconciler)
  engine.start()
  await turn()
  await engine.stop()
  expect(ended).toEqual(['1'])
  engine.hint(3)
  clock.advance(600_000)
  await turn()
  expect(runs).toEqual(['1'])
  expect(logged).toEqual([])
  expect(clock.pending).toBe(0)
})

/** A world in which each key should be even, and a reconciler that makes it so. */
function world(keys: number, lost: () => boolean) {
  const { clock, engine } = setting()
  const values = new Map<string, number>()
  for (let key = 0; key < keys; key += 1) values.set(String(key), 0)
  const { reconciler, runs } = counting(
    () => values.keys(),
    async (key) => {
      const value = values.get(key) ?? 0
      if (value % 2 === 1) values.set(key, value + 1)
      return undefined
    },
  )
  engine.add(reconciler, 3)
  engine.start()
  const change = (key: number) => {
    values.set(String(key), (values.get(String(key)) ?? 0) + 1)
    if (!lost()) engine.hint(key)
  }
  return { clock, engine, values, runs, change }
}

test('under any burst a key runs at most twice, and afterwards every key is as it should be', async () => {
  const bursts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 })
  await fc.assert(
    fc.asyncProperty(bursts, async (changes) => {
      const { engine, values, runs, change } = world(10, () => false)
      await engine.whenIdle()
      runs.length = 0
      for (const key of changes) change(key)
      await engine.whenIdle()
      expect(runs.length).toBeLessThanOrEqual(new Set(changes).size * 2)
      expect([...values.values()].every((value) => value % 2 === 0)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('whatever hints are lost, the next interval repairs it, and the one after does nothing', async () => {
  const changes = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()))
  await fc.assert(
    fc.asyncProperty(changes, async (life) => {
      let lost = false
      const { clock, engine, values, change } = world(10, () => lost)
      for (const [key, loses] of life) {
        lost = loses
        change(key)
        if (key % 3 === 0) await turn()
      }
      clock.advance(30_000)
      await engine.whenIdle()
      const settled = [...values.values()]
      expect(settled.every((value) => value % 2 === 0)).toBe(true)
      clock.advance(30_000)
      await engine.whenIdle()
      expect([...values.values()]).toEqual(settled)
    }),
    { numRuns: 50 },
  )
})
