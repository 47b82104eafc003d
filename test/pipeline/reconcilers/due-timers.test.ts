import { expect, test } from 'vitest'
import { silentLog } from '../../../src/kernel/log.ts'
import type { Errand } from '../../../src/pipeline/later/errand.ts'
import { Timers } from '../../../src/pipeline/later/timers.ts'
import { DueTimers } from '../../../src/pipeline/reconcilers/due-timers.ts'
import { ReconcilerEngine } from '../../../src/pipeline/reconcilers/engine.ts'
import { elapse } from '../../support/elapse.ts'
import { anna, project } from '../project.ts'
import { events } from '../samples.ts'

const hour = 3_600_000
const asker = {
  person: { id: 'terminal:anna', name: 'Anna' },
  place: { transport: 'terminal', room: 'main' },
}

/** Two stories in the backlog, and an engine that is only asked once a day. */
function timing() {
  const started = project()
  const { store, clock, pipeline } = started
  for (const name of ['a', 'b']) pipeline.create({ type: 'story', name }, anna)
  const errands: Errand[] = []
  /** What a start of the program makes of the same database. */
  const start = (entrust = (errand: Errand): void => void errands.push(errand)) => {
    const timers = new Timers(store)
    const engine = new ReconcilerEngine({ clock, log: silentLog, random: () => 0.5 }, 24 * hour)
    engine.add(new DueTimers({ store, timers, entrust, clock }))
    timers.changed.listen((item) => engine.hint(item))
    engine.start()
    return { timers, engine }
  }
  return { ...started, errands, start }
}

test('a timer has its item started at its minute, once, in the name of whoever set it', async () => {
  const { clock, start, errands } = timing()
  const { timers } = start()
  const at = clock.now() + 2 * hour
  timers.set({ item: 1, at, asker })
  await elapse(clock, 2 * hour - 1)
  expect(errands).toEqual([])
  await elapse(clock, 1)
  expect(errands).toEqual([{ asker, command: 'start 1', cause: { kind: 'timer', item: 1, at } }])
  await elapse(clock, 48 * hour)
  expect(errands).toHaveLength(1)
  expect(timers.all()).toEqual([])
})

test('a timer survives restarts, and one that came due meanwhile is done once, at the start', async () => {
  const { clock, start, errands } = timing()
  const first = start()
  first.timers.set({ item: 1, at: clock.now() + hour, asker })
  first.timers.set({ item: 2, at: clock.now() + 9 * hour, asker })
  await first.engine.stop()
  await elapse(clock, 3 * hour)
  expect(errands).toEqual([])
  for (let restart = 0; restart < 2; restart++) {
    const { engine } = start()
    await engine.whenIdle()
    await engine.stop()
  }
  expect(errands.map(({ command }) => command)).toEqual(['start 1'])
  start()
  await elapse(clock, 6 * hour)
  expect(errands.map(({ command }) => command)).toEqual(['start 1', 'start 2'])
})

test('a timer is kept until its errand is stored', async () => {
  const { clock, start } = timing()
  let fails = true
  const done: string[] = []
  const { timers } = start(({ command }) => {
    if (fails) throw new Error('the disk is full')
    done.push(command)
  })
  timers.set({ item: 1, at: clock.now() + hour, asker })
  await elapse(clock, hour)
  expect(timers.of(1)).toBeDefined()
  fails = false
  await elapse(clock, hour)
  expect(done).toEqual(['start 1'])
  expect(timers.of(1)).toBeUndefined()
})

test('a timer that is set anew takes the place of the earlier one', async () => {
  const { clock, start, errands } = timing()
  const { timers } = start()
  timers.set({ item: 1, at: clock.now() + hour, asker })
  timers.set({ item: 1, at: clock.now() + 3 * hour, asker })
  await elapse(clock, 2 * hour)
  expect(errands).toEqual([])
  await elapse(clock, hour)
  expect(errands).toHaveLength(1)
})

test('L48: a timer goes as soon as its item no longer waits, so that it never starts it again', () => {
  const { clock, start, pipeline } = timing()
  const { timers } = start()
  pipeline.witness((transition) => timers.follow(transition))
  const set = () => timers.set({ item: 1, at: clock.now() + hour, asker })
  set()
  pipeline.edit(1, { name: 'another' }, anna)
  pipeline.apply(1, events.freeze, anna)
  pipeline.apply(1, events.unfreeze, anna)
  expect(timers.of(1)).toBeDefined()
  pipeline.apply(1, events.start, anna)
  expect(timers.of(1)).toBeUndefined()
  pipeline.apply(1, events.demote, anna)
  expect(timers.of(1)).toBeUndefined()
  set()
  pipeline.apply(1, events.close, anna)
  expect(timers.of(1)).toBeUndefined()
  pipeline.apply(1, events.reopen, anna)
  set()
  pipeline.delete(1, anna)
  expect(timers.all()).toEqual([])
})
