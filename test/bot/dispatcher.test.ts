import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { Dispatcher, type Held } from '../../src/bot/dispatcher.ts'
import { FakeClock } from '../support/fake-clock.ts'

interface Run {
  readonly session: string
  readonly batch: readonly string[]
  readonly signal: AbortSignal
  end(held?: Held<string>): Promise<void>
}

let clock: FakeClock
let runs: Run[]
let dispatcher: Dispatcher<string>

/** Messages of one role begin with the same letter. */
function dispatcherWith(maxRuns: number): Dispatcher<string> {
  return new Dispatcher<string>(
    {
      windowMs: 1500,
      maxMs: 10_000,
      maxRuns,
      together: (one, next) => one[0] === next[0],
      run: (session, batch, signal) =>
        new Promise((resolve) => {
          const end = (held?: Held<string>) => {
            resolve(held)
            return turn()
          }
          runs.push({ session, batch, signal, end })
        }),
    },
    clock,
  )
}

beforeEach(() => {
  clock = new FakeClock()
  runs = []
  dispatcher = dispatcherWith(4)
})

const batches = () => runs.map(({ batch }) => batch.join(' '))
const end = async (index: number) => runs[index]?.end()
const hold = async (index: number, until: number) =>
  runs[index]?.end({ batch: runs[index].batch, until })

describe('the window', () => {
  test('L52: three messages in quick succession start one run', () => {
    for (const message of ['m1', 'm2', 'm3']) dispatcher.submit('s', message)
    clock.advance(1499)
    expect(batches()).toEqual([])
    clock.advance(1)
    expect(batches()).toEqual(['m1 m2 m3'])
  })

  test('is pushed out by each message, but never beyond ten seconds from the first', () => {
    for (let index = 0; index < 10; index++) {
      dispatcher.submit('s', `m${index}`)
      clock.advance(1000)
    }
    expect(runs).toHaveLength(1)
    expect(runs[0]?.batch).toHaveLength(10)
    expect(clock.now()).toBe(10_000)
  })

  test('of one session knows nothing of another', () => {
    dispatcher.submit('a', 'm1')
    clock.advance(1000)
    dispatcher.submit('b', 'm2')
    clock.advance(500)
    expect(runs.map(({ session }) => session)).toEqual(['a'])
    clock.advance(1000)
    expect(runs.map(({ session }) => session)).toEqual(['a', 'b'])
  })

  test('ends in time though the clock is set back', () => {
    dispatcher.submit('s', 'm1')
    clock.advance(-3_600_000)
    dispatcher.submit('s', 'm2')
    clock.advance(1500)
    expect(batches()).toEqual(['m1 m2'])
  })
})

describe('while a run is active', () => {
  beforeEach(() => {
    dispatcher.submit('s', 'm1')
    clock.advance(1500)
  })

  test('messages wait, and are the next batch the moment it ends, with no second window', async () => {
    expect(dispatcher.submit('s', 'm2')).toBe(1)
    expect(dispatcher.submit('s', 'm3')).toBe(2)
    clock.advance(60_000)
    expect(batches()).toEqual(['m1'])
    await end(0)
    expect(batches()).toEqual(['m1', 'm2 m3'])
    expect(clock.pending).toBe(0)
  })

  test('roles are never mixed: their batches follow one another, in order', async () => {
    for (const message of ['m2', 'a1', 'a2', 'm3']) dispatcher.submit('s', message)
    for (const index of [0, 1, 2, 3]) await end(index)
    expect(batches()).toEqual(['m1', 'm2', 'a1 a2', 'm3'])
    expect(dispatcher.idle).toBe(true)
  })
})

describe('places', () => {
  test('are given in order of arrival, and a waiting batch still takes messages in', async () => {
    dispatcher = dispatcherWith(1)
    for (const session of ['a', 'b', 'c']) {
      dispatcher.submit(session, `m-${session}`)
      clock.advance(1)
    }
    clock.advance(1500)
    dispatcher.submit('a', 'm-a2')
    dispatcher.submit('c', 'm-c2')
    for (const index of [0, 1, 2, 3]) await end(index)
    expect(batches()).toEqual(['m-a', 'm-b', 'm-c m-c2', 'm-a2'])
  })
})

describe('a batch that has to wait', () => {
  beforeEach(async () => {
    dispatcher = dispatcherWith(1)
    dispatcher.submit('s', 'm1')
    clock.advance(1500)
    await hold(0, 3_600_000)
  })

  test('is run again at its time, before what was said meanwhile, and takes no place till then', async () => {
    dispatcher.submit('s', 'a1')
    dispatcher.submit('other', 'm2')
    clock.advance(3_600_000 - 1501)
    expect(runs.map(({ session, batch }) => [session, ...batch])).toEqual([
      ['s', 'm1'],
      ['other', 'm2'],
    ])
    await end(1)
    clock.advance(1)
    await end(2)
    expect(batches()).toEqual(['m1', 'm2', 'm1', 'a1'])
  })

  test('waits by the clock on the wall: the machine may have slept', () => {
    clock.jump(3_600_000)
    clock.advance(5_000)
    expect(batches()).toEqual(['m1', 'm1'])
  })

  test('is tried at once when what it waits for may be over', async () => {
    dispatcher.wake()
    expect(batches()).toEqual(['m1', 'm1'])
    await end(1)
    expect(clock.pending).toBe(0)
  })

  test('is called off by a stop, and by its sender', async () => {
    expect(await dispatcher.stop('s')).toEqual({ ran: false, dropped: ['m1'] })
    expect(dispatcher.idle).toBe(true)
    dispatcher.submit('s', 'm2')
    clock.advance(1500)
    await hold(1, 7_200_000)
    dispatcher.change(
      's',
      () => true,
      () => undefined,
    )
    expect(dispatcher.idle).toBe(true)
    expect(clock.pending).toBe(0)
  })

  test('is called off by a stop that came while it was put off', async () => {
    dispatcher.wake()
    const stopped = dispatcher.stop('s')
    await hold(1, 7_200_000)
    expect(await stopped).toEqual({ ran: true, dropped: ['m1'] })
    expect(dispatcher.idle).toBe(true)
  })

  test('stays where it is when all is closed', async () => {
    await dispatcher.close()
    clock.advance(7_200_000)
    expect(batches()).toEqual(['m1'])
  })
})

describe('stop', () => {
  test('cancels the run, empties the queue, and waits until the run has ended', async () => {
    dispatcher.submit('s', 'm1')
    clock.advance(1500)
    dispatcher.submit('s', 'm2')
    let stopped: unknown
    void dispatcher.stop('s').then((result) => {
      stopped = result
    })
    await turn()
    expect(runs[0]?.signal.aborted).toBe(true)
    expect(stopped).toBeUndefined()
    await end(0)
    expect(stopped).toEqual({ ran: true, dropped: ['m2'] })
    expect(batches()).toEqual(['m1'])
    expect(dispatcher.idle).toBe(true)
  })

  test('empties an open window, whose timer goes with it', async () => {
    dispatcher.submit('s', 'm1')
    expect(await dispatcher.stop('s')).toEqual({ ran: false, dropped: ['m1'] })
    expect(clock.pending).toBe(0)
    expect(dispatcher.idle).toBe(true)
  })

  test('takes a batch out of the line for a place', async () => {
    dispatcher = dispatcherWith(1)
    dispatcher.submit('a', 'm1')
    dispatcher.submit('b', 'm2')
    clock.advance(1500)
    expect(await dispatcher.stop('b')).toEqual({ ran: false, dropped: ['m2'] })
    await end(0)
    expect(batches()).toEqual(['m1'])
    expect(dispatcher.idle).toBe(true)
  })

  test('leaves alone what is said after it', async () => {
    dispatcher.submit('s', 'm1')
    clock.advance(1500)
    const stopped = dispatcher.stop('s')
    dispatcher.submit('s', 'm2')
    await end(0)
    expect(await stopped).toEqual({ ran: true, dropped: [] })
    expect(batches()).toEqual(['m1', 'm2'])
  })

  test('says so when there was nothing', async () => {
    expect(await dispatcher.stop('s')).toEqual({ ran: false, dropped: [] })
  })
})

describe('a message that still waits', () => {
  test('can be changed and taken back', () => {
    for (const message of ['m1', 'm2', 'm3']) dispatcher.submit('s', message)
    const change = (from: string, to: string | undefined) =>
      dispatcher.change(
        's',
        (message) => message === from,
        () => to,
      )
    expect(change('m1', 'm1 changed')).toBe('m1')
    expect(change('m2', undefined)).toBe('m2')
    expect(change('m9', 'm')).toBeUndefined()
    clock.advance(1500)
    expect(batches()).toEqual(['m1 changed m3'])
  })

  test('leaves nothing behind when it was the only one', () => {
    dispatcher.submit('s', 'm1')
    dispatcher.change(
      's',
      () => true,
      () => undefined,
    )
    expect(dispatcher.idle).toBe(true)
    expect(clock.pending).toBe(0)
  })
})

test('closing cancels every run, starts no other, and waits for the ends', async () => {
  for (const session of ['a', 'b']) dispatcher.submit(session, 'm1')
  clock.advance(1500)
  dispatcher.submit('a', 'm2')
  dispatcher.submit('c', 'm3')
  const closed = dispatcher.close()
  expect(runs.map(({ signal }) => signal.aborted)).toEqual([true, true])
  await Promise.all([end(0), end(1)])
  await closed
  clock.advance(60_000)
  expect(runs).toHaveLength(2)
})
