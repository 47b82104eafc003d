import { describe, expect, test } from 'vitest'
import type { Problem } from '../../../src/kernel/problem.ts'
import type { Actor } from '../../../src/pipeline/item.ts'
import type { Transition } from '../../../src/pipeline/pipeline.ts'
import { anna, project } from '../project.ts'
import { events } from '../samples.ts'

const ben: Actor = { kind: 'person', id: 'terminal:ben' }

function problemOf(work: () => unknown): Problem | undefined {
  try {
    work()
  } catch (error) {
    return error as Problem
  }
  return undefined
}

test('an item that was created is there after a restart, with all its fields', () => {
  const { pipeline, load } = project()
  const body = 'Say hello.\n- [ ] it says hello\n- [x] politely'
  pipeline.create({ type: 'epic', name: 'Manners' }, anna)
  const created = pipeline.create(
    { type: 'story', name: ' Greet ', body, agent: 'rex', qa: 'human', priority: 'high', epic: 1 },
    anna,
  )
  expect(created).toMatchObject({ id: 2, name: 'Greet', created: 1_000, epic: 1 })
  expect(created.criteria).toEqual([
    { text: 'it says hello', met: false },
    { text: 'politely', met: true },
  ])
  expect(load().all()).toEqual(pipeline.all())
  expect(load().get(2)).toEqual(created)
})

test('L50: every item and every line of its history names who did it, also after a restart', () => {
  const { pipeline, clock, load } = project()
  pipeline.create({ type: 'story', name: 'Greet' }, anna)
  clock.advance(500)
  pipeline.apply(1, events.start, ben)
  pipeline.edit(1, { name: 'Greet politely', priority: 'high' }, anna)
  pipeline.apply(1, { type: 'block', reason: 'no network\nat all' }, ben)
  pipeline.delete(1, anna)
  expect(load().history(1)).toEqual([
    { at: 1_000, by: anna, event: 'create', to: 'backlog' },
    { at: 1_500, by: ben, event: 'start', from: 'backlog', to: 'coding' },
    { at: 1_500, by: anna, event: 'edit', note: 'name, priority' },
    { at: 1_500, by: ben, event: 'block', from: 'coding', to: 'blocked', note: 'no network' },
    { at: 1_500, by: anna, event: 'delete', from: 'blocked' },
  ])
  expect(pipeline.create({ type: 'bug', name: 'Broken' }, ben).origin).toEqual(ben)
})

test('what an agent thinks of is upcoming, until a person takes it into the backlog', () => {
  const { pipeline } = project()
  const run: Actor = { kind: 'run', id: 'r1' }
  const { stage } = pipeline.create({ type: 'bug', name: 'The clock is late' }, run)
  expect(stage).toEqual({ kind: 'upcoming' })
  expect(pipeline.apply(1, events.triage, anna).stage).toEqual({ kind: 'backlog' })
})

test('L51: text that looks like metadata stays text', () => {
  const { pipeline, load } = project()
  const body = '---\nstage: done\ndepends_on: [7]\n---\nepic: 3\nqa: human\n#priority high\n# 12'
  const name = 'depends 3,4 priority high epic 2'
  const item = pipeline.create({ type: 'story', name, body }, anna)
  expect(item).toMatchObject({ name, body, dependsOn: [], priority: 'normal', criteria: [] })
  expect(item.stage).toEqual({ kind: 'backlog' })
  expect(item).not.toHaveProperty('epic')
  expect(item).not.toHaveProperty('qa')
  expect(load().get(1)).toEqual(item)
})

test('an edit changes what it names, clears what is null, and does nothing where nothing differs', () => {
  const { pipeline, load } = project()
  pipeline.create({ type: 'story', name: 'Greet', agent: 'rex', qa: 'agent' }, anna)
  const edited = pipeline.edit(1, { agent: null, body: '- [ ] hello', priority: 'low' }, anna)
  expect(edited).toMatchObject({ name: 'Greet', qa: 'agent', priority: 'low' })
  expect(edited).not.toHaveProperty('agent')
  expect(edited.criteria).toEqual([{ text: 'hello', met: false }])
  expect(load().get(1)).toEqual(edited)
  expect(pipeline.edit(1, { agent: null, priority: 'low', dependsOn: [] }, anna)).toBe(edited)
  expect(pipeline.history(1)).toHaveLength(2)
})

test('a criterion is ticked in the text that people read', () => {
  const { pipeline } = project()
  pipeline.create({ type: 'story', name: 'Greet', body: '- [ ] hello\n- [ ] bye' }, anna)
  expect(pipeline.check(1, 2, true, anna).body).toBe('- [ ] hello\n- [x] bye')
  expect(pipeline.history(1).at(-1)?.note).toBe('criterion 2 met')
  expect(problemOf(() => pipeline.check(1, 3, true, anna))?.code).toBe('no-such-criterion')
})

test('pausing is stored, and going on hints the items whose agents have waited', () => {
  const { pipeline, load } = project()
  for (const name of ['Greet', 'Wait']) pipeline.create({ type: 'story', name }, anna)
  pipeline.apply(1, events.start, anna)
  const told: number[] = []
  pipeline.changed.listen((id) => told.push(id))
  pipeline.setPaused(true, anna)
  expect(load().paused).toBe(true)
  pipeline.setPaused(false, anna)
  expect(load().paused).toBe(false)
  expect(told).toEqual([1, 1])
})

test('reopening a finished item gives it the next branch', () => {
  const { pipeline } = project()
  pipeline.create({ type: 'story', name: 'Greet' }, anna)
  pipeline.apply(1, events.close, anna)
  expect(pipeline.apply(1, events.reopen, anna)).toMatchObject({ generation: 2 })
})

describe('reading', () => {
  test('finds items by stage and by what they depend on, as they stand now', () => {
    const { pipeline, load } = project()
    for (const name of ['a', 'b', 'c']) pipeline.create({ type: 'story', name }, anna)
    pipeline.edit(3, { dependsOn: [1, 2] }, anna)
    pipeline.edit(2, { dependsOn: [1] }, anna)
    pipeline.edit(3, { dependsOn: [1] }, anna)
    pipeline.apply(2, events.start, anna)
    for (const reader of [pipeline, load()]) {
      expect(reader.inStage('backlog').map(({ id }) => id)).toEqual([1, 3])
      expect(reader.inStage('coding').map(({ id }) => id)).toEqual([2])
      expect(reader.dependents(1).map(({ id }) => id)).toEqual([2, 3])
      expect(reader.dependents(2)).toEqual([])
    }
  })

  test('gives the same value for an item until it changes', () => {
    const { pipeline } = project()
    for (const name of ['a', 'b']) pipeline.create({ type: 'story', name }, anna)
    const [first, second] = [pipeline.get(1), pipeline.get(2)]
    pipeline.apply(2, events.start, anna)
    expect(pipeline.get(1)).toBe(first)
    expect(pipeline.get(2)).not.toBe(second)
    expect(second?.stage.kind).toBe('backlog')
  })
})

describe('a refusal', () => {
  test.each([
    ['bad-name', { name: '  ' }],
    ['bad-name', { name: 'two\nlines' }],
    ['bad-name', { name: 'x'.repeat(201) }],
    ['body-too-long', { body: 'x'.repeat(100_001) }],
    ['no-such-dependency', { dependsOn: [9] }],
    ['no-such-dependency', { dependsOn: [0] }],
    ['no-such-dependency', { dependsOn: [3] }],
    ['no-such-epic', { epic: 9 }],
    ['not-an-epic', { epic: 1 }],
  ] as const)('%s for %j changes nothing, in a new item and in an edit', (code, fields) => {
    const { pipeline } = project()
    for (const name of ['a', 'b', 'c']) pipeline.create({ type: 'story', name }, anna)
    pipeline.delete(3, anna)
    const before = pipeline.all()
    const create = () => pipeline.create({ type: 'story', name: 'new', ...fields }, anna)
    expect(problemOf(create)?.code).toBe(code)
    expect(problemOf(() => pipeline.edit(2, fields, anna))?.code).toBe(code)
    expect(pipeline.all()).toBe(before)
    expect(pipeline.history(2)).toHaveLength(1)
  })

  test('names the circle that dependencies would make', () => {
    const { pipeline } = project()
    for (const name of ['a', 'b', 'c', 'd']) pipeline.create({ type: 'story', name }, anna)
    pipeline.edit(2, { dependsOn: [1] }, anna)
    pipeline.edit(3, { dependsOn: [4, 2] }, anna)
    const circle = problemOf(() => pipeline.edit(1, { dependsOn: [3] }, anna))
    expect(circle?.code).toBe('dependency-cycle')
    expect(circle?.message).toContain('#1 -> #3 -> #2 -> #1')
    expect(problemOf(() => pipeline.edit(1, { dependsOn: [1] }, anna))?.message).toContain(
      '#1 -> #1',
    )
  })

  test('of an illegal event names the legal ones', () => {
    const { pipeline } = project()
    pipeline.create({ type: 'story', name: 'Greet' }, anna)
    pipeline.apply(1, events.close, anna)
    const problem = problemOf(() => pipeline.apply(1, events.start, anna))
    expect(problem?.code).toBe('illegal-event')
    expect(problem?.message).toContain('archive, reopen, freeze, accept')
    expect(pipeline.history(1)).toHaveLength(2)
  })

  test('of an unknown item says whether there ever was one', () => {
    const { pipeline } = project()
    pipeline.create({ type: 'story', name: 'Greet' }, anna)
    pipeline.delete(1, anna)
    expect(problemOf(() => pipeline.need(1))?.message).toContain('was deleted')
    expect(problemOf(() => pipeline.need(2))?.message).toContain('There is no item 2')
  })

  test('superseding needs another item that is there', () => {
    const { pipeline } = project()
    pipeline.create({ type: 'story', name: 'Greet' }, anna)
    const by = (id: number) =>
      problemOf(() => pipeline.apply(1, { type: 'supersede', by: id }, anna))
    expect(by(1)?.code).toBe('bad-successor')
    expect(by(2)?.code).toBe('no-such-item')
  })
})

describe('a change and its transaction', () => {
  test('witnesses are called inside it, and notices come after it is stored', () => {
    const { pipeline, store } = project()
    const order: string[] = []
    const seen: Transition[] = []
    pipeline.witness((transition) => {
      order.push(`witness ${store.db.inTransaction}`)
      seen.push(transition)
    })
    pipeline.changed.listen((id) => order.push(`changed ${id} ${store.db.inTransaction}`))
    store.transaction(() => {
      pipeline.create({ type: 'story', name: 'Greet' }, anna)
      order.push('work')
    })
    expect(order).toEqual(['witness true', 'work', 'changed 1 false'])
    expect(seen).toEqual([{ item: pipeline.get(1), entry: pipeline.history(1)[0] }])
  })

  test('a transaction that is rolled back leaves document, rows and numbers as they were', () => {
    const { pipeline, store, load } = project()
    pipeline.create({ type: 'story', name: 'Greet' }, anna)
    const told: number[] = []
    pipeline.changed.listen((id) => told.push(id))
    const fail = () =>
      store.transaction(() => {
        pipeline.create({ type: 'story', name: 'lost' }, anna)
        pipeline.apply(1, events.start, anna)
        pipeline.setPaused(true, anna)
        throw new Error('the disk is gone')
      })
    expect(fail).toThrow('the disk is gone')
    expect(told).toEqual([])
    expect(pipeline.all()).toEqual(load().all())
    expect(pipeline.all().map(({ id, stage }) => [id, stage.kind])).toEqual([[1, 'backlog']])
    expect(pipeline.paused).toBe(false)
    expect(pipeline.history(1)).toHaveLength(1)
    expect(pipeline.create({ type: 'story', name: 'next' }, anna).id).toBe(2)
    expect(load().all()).toEqual(pipeline.all())
  })

  test('a part that fails alone takes nothing else with it', () => {
    const { pipeline, store, load } = project()
    store.transaction(() => {
      pipeline.create({ type: 'story', name: 'kept' }, anna)
      const lost = () =>
        store.transaction(() => {
          pipeline.create({ type: 'story', name: 'lost' }, anna)
          throw new Error('no')
        })
      expect(lost).toThrow('no')
      pipeline.apply(1, events.start, anna)
    })
    expect(pipeline.all().map(({ name, stage }) => [name, stage.kind])).toEqual([
      ['kept', 'coding'],
    ])
    expect(load().all()).toEqual(pipeline.all())
  })

  test('a witness that fails undoes the change', () => {
    const { pipeline, load } = project()
    pipeline.witness(() => {
      throw new Error('the outbox is full')
    })
    expect(() => pipeline.create({ type: 'story', name: 'Greet' }, anna)).toThrow('outbox')
    expect(pipeline.all()).toEqual([])
    expect(load().all()).toEqual([])
  })
})

test('L61: two pipelines side by side never see each other’s items', () => {
  const [one, other] = [project(), project()]
  const told: number[] = []
  other.pipeline.changed.listen((id) => told.push(id))
  one.pipeline.create({ type: 'story', name: 'mine' }, anna)
  expect(other.pipeline.all()).toEqual([])
  expect(other.load().all()).toEqual([])
  expect(told).toEqual([])
})
