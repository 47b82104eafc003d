import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { Bulletins } from '../../src/bot/bulletins.ts'
import { StoredOutbox } from '../../src/bot/outbox.ts'
import { TellBulletins } from '../../src/commands/tell-bulletins.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { ReconcilerEngine } from '../../src/pipeline/reconcilers/engine.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { memoryStore } from '../support/memory-store.ts'

const team = { transport: 'slack', room: 'C1/x' }
const windowMs = 5_000

/** A program that tells bulletins; `restart` is a crash and the next start. */
function telling(place: { transport: string; room: string; thread?: string } = team) {
  const store = memoryStore()
  onTestFinished(() => store.close())
  const clock = new FakeClock(1_000_000)
  const load = () => {
    const outbox = new StoredOutbox(store, clock)
    const bulletins = new Bulletins({ store, clock, outbox, windowMs })
    const engine = new ReconcilerEngine({ clock, random: () => 0.5, log: silentLog }, 30_000)
    bulletins.waits.listen(engine.add(new TellBulletins(bulletins)))
    engine.start()
    onTestFinished(() => engine.stop())
    return { bulletins, engine }
  }
  let life = load()
  return {
    store,
    clock,
    post: (text: string, key?: string, to = place) =>
      store.transaction(() =>
        life.bulletins.post({ place: to, text, ...(key !== undefined && { key }) }),
      ),
    restart: async () => {
      await life.engine.stop()
      life = load()
      await life.engine.whenIdle()
    },
    after: async (ms: number) => {
      await life.engine.whenIdle()
      clock.advance(ms)
      await life.engine.whenIdle()
    },
    told: () => store.db.prepare<[], string>('SELECT text FROM outbox ORDER BY id').pluck().all(),
  }
}

test('one bulletin goes at once, and what follows closely goes together, in order', async () => {
  const { post, after, told } = telling()
  post('one')
  expect(told()).toEqual(['one'])
  for (const text of ['two', 'three', 'four']) post(text)
  await after(windowMs - 1)
  expect(told()).toEqual(['one'])
  await after(1)
  expect(told()).toEqual(['one', 'two\n\nthree\n\nfour'])
  await after(windowMs)
  post('five')
  expect(told()).toEqual(['one', 'two\n\nthree\n\nfour', 'five'])
})

test('rooms do not wait for each other, and the terminal waits for nothing', async () => {
  const { post, told } = telling()
  post('one')
  post('two', undefined, { transport: 'slack', room: 'C2' })
  const terminal = { transport: 'terminal', room: 'main' }
  for (const text of ['three', 'four']) post(text, undefined, terminal)
  expect(told()).toEqual(['one', 'two', 'three', 'four'])
})

test('threads of a room are never joined, and a message does not grow beyond what can be read', async () => {
  const { post, after, told } = telling()
  post('one')
  post('two', undefined, { ...team, thread: 'plans' })
  post('three')
  post('x'.repeat(2_000))
  post('y'.repeat(2_000))
  await after(windowMs)
  expect(told()).toEqual(['one', 'two', `three\n\n${'x'.repeat(2_000)}`, 'y'.repeat(2_000)])
})

test('a bulletin is told once for its key, whether it waits or is told', async () => {
  const { post, after, told } = telling()
  for (const key of ['a', 'a', 'b', 'b']) post(`said ${key}`, key)
  await after(windowMs)
  for (const key of ['a', 'b']) post(`said ${key}`, key)
  await after(windowMs)
  expect(told()).toEqual(['said a', 'said b'])
})

test('what a transaction that fails would have told is not told', async () => {
  const { store, post, after, told } = telling()
  post('one')
  const undone = () =>
    store.transaction(() => {
      post('two')
      throw new Error('undone')
    })
  expect(undone).toThrow('undone')
  await after(windowMs)
  expect(told()).toEqual(['one'])
})

test('a clock that is set back keeps nobody waiting', async () => {
  const { clock, post, told } = telling()
  post('one')
  clock.jump(-3_600_000)
  post('two')
  expect(told()).toEqual(['one', 'two'])
})

test('whatever crashes when, each bulletin is told once and in order', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.constant('post' as const) },
    { weight: 2, arbitrary: fc.nat({ max: 2 * windowMs }) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { post, restart, after, told } = telling()
      let posted = 0
      for (const each of steps) {
        if (each === 'post') post(`bulletin ${posted++}`, `key ${posted}`)
        else if (each === 'restart') await restart()
        else await after(each)
      }
      await restart()
      await after(windowMs)
      const all = told().join('\n\n').split('\n\n').filter(Boolean)
      expect(all).toEqual(Array.from({ length: posted }, (_, k) => `bulletin ${k}`))
    }),
    { numRuns: 60 },
  )
})

test('what several bulletins offer is offered below all of them, and their text names it', async () => {
  const store = memoryStore()
  onTestFinished(() => store.close())
  const clock = new FakeClock(1_000_000)
  const outbox = new StoredOutbox(store, clock)
  const bulletins = new Bulletins({ store, clock, outbox, windowMs })
  const post = (text: string, ...labels: string[]) =>
    store.transaction(() => {
      const choices = labels.map((label) => ({ label }))
      bulletins.post({ place: team, text, ...(labels.length > 0 && { choices }) })
    })
  for (const item of [1, 2, 3]) post(`${item} is held.`, `Approve ${item}`)
  post('Nothing else.')
  clock.advance(windowMs)
  bulletins.tellDue('slack/C1/x')
  const told = outbox.unfinished().map(({ message }) => message)
  expect(told).toMatchObject([
    { text: '1 is held.', choices: [{ label: 'Approve 1' }], choicesSpelled: true },
    { choices: [{ label: 'Approve 2' }, { label: 'Approve 3' }], choicesSpelled: true },
  ])
})
