import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { silentLog } from '../../../src/kernel/log.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { type Exported, exportItems } from '../../../src/pipeline/export/export.ts'
import { importItems } from '../../../src/pipeline/export/import-items.ts'
import { readExport } from '../../../src/pipeline/export/read-export.ts'
import { itemTypes, priorities, qaModes } from '../../../src/pipeline/item.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { databaseFixtures } from '../../support/database-fixtures.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { memoryStore } from '../../support/memory-store.ts'
import { anna, project } from '../project.ts'
import { eventTypes, stageKinds, stages } from '../samples.ts'

/** A project of its own that nothing was ever done in, or what `sql` has in it. */
function emptyStore(sql = ''): Store {
  const store = Store.open(':memory:')
  onTestFinished(() => store.close())
  store.db.exec(sql)
  migrate(store, 0)
  return store
}

const bring = (store: Store, exported: Exported) => importItems(store, undefined, exported, 1)
const load = (store: Store) =>
  new DocumentPipeline(store, new FakeClock(2_000), silentLog, { maxRetries: 3 })

const time = fc.nat(2_000_000_000_000)
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const name = words.filter((text) => !/\p{Cc}/u.test(text))
const actor = fc.oneof(
  fc.record({ kind: fc.constantFrom('person', 'run', 'system'), id: words }),
  fc.record({ kind: fc.constant('person' as const), id: words, name: words }),
)
const entry = fc.record(
  {
    at: time,
    by: actor,
    event: fc.constantFrom(...eventTypes, 'create', 'edit', 'delete'),
    from: fc.constantFrom(...stageKinds),
    to: fc.constantFrom(...stageKinds),
    note: words,
  },
  { requiredKeys: ['at', 'by', 'event'] },
)
const history = fc.array(entry, { maxLength: 12 })

function item(id: number, epics: readonly number[]) {
  const type = fc.constantFrom(...itemTypes.filter((each) => each !== 'epic'))
  return fc.record(
    {
      id: fc.constant(id),
      type: epics.includes(id) ? fc.constant('epic' as const) : type,
      name,
      body: fc.string({ unit: 'grapheme' }).map((text) => `${text}\n- [ ] one\n- [x] two`),
      stage: fc.constantFrom(...Object.values(stages)),
      agent: words,
      qa: fc.constantFrom(...qaModes),
      priority: fc.constantFrom(...priorities),
      dependsOn: fc.uniqueArray(fc.integer({ min: 1, max: Math.max(1, id - 1) }), {
        maxLength: id === 1 ? 0 : 3,
      }),
      ...(epics.length > 0 && !epics.includes(id) && { epic: fc.constantFrom(...epics) }),
      origin: actor,
      generation: fc.integer({ min: 1, max: 3 }),
      returns: fc.nat(5),
      created: time,
      updated: time,
      history,
    },
    {
      requiredKeys: [
        'id',
        'type',
        'name',
        'body',
        'stage',
        'priority',
        'dependsOn',
        'origin',
        'generation',
        'returns',
        'created',
        'updated',
        'history',
      ],
    },
  )
}

/** Any project at all: numbers 1 to 8, each an item or a deleted one. */
const exported = fc
  .tuple(fc.subarray([1, 2, 3, 4, 5, 6, 7, 8]), fc.subarray([1, 2]))
  .chain(([there, epics]) =>
    fc.record({
      huskies: fc.constant('items' as const),
      version: fc.constant(1 as const),
      paused: fc.option(fc.record({ at: time, by: actor })),
      items: fc.tuple(
        ...there.map((id) =>
          item(
            id,
            epics.filter((epic) => there.includes(epic)),
          ),
        ),
      ),
      deleted: fc.tuple(
        ...[1, 2, 3, 4, 5, 6, 7, 8]
          .filter((id) => !there.includes(id))
          .map((id) => fc.record({ at: time, by: actor, id: fc.constant(id), history })),
      ),
    }),
  )

describe('an export that is imported', () => {
  test('is the same project again: items, histories, numbers, pause', () => {
    fc.assert(
      fc.property(exported, (value) => {
        const read = readExport(JSON.stringify(value))
        expect(read).toEqual(value)
        const store = memoryStore()
        bring(store, read)
        expect(exportItems(store)).toEqual(value)
        const pipeline = load(store)
        expect(pipeline.paused).toBe(value.paused !== null)
        expect(pipeline.create({ type: 'bug', name: 'next' }, anna).id).toBe(9)
        store.close()
      }),
      { numRuns: 100 },
    )
  })

  test('of a real project says all that the pipeline said, and can be worked on', () => {
    const { pipeline, store, load: reload } = project()
    pipeline.create({ type: 'epic', name: 'Greetings' }, anna)
    pipeline.create({ type: 'story', name: 'Greet', epic: 1, body: '- [ ] it greets' }, anna)
    pipeline.create({ type: 'bug', name: 'Shout', dependsOn: [2] }, anna)
    pipeline.check(2, 1, true, anna)
    pipeline.delete(3, anna)
    pipeline.apply(2, { type: 'start' }, anna)
    const other = emptyStore()
    bring(other, readExport(JSON.stringify(exportItems(store))))
    const imported = load(other)
    expect(imported.all()).toEqual(reload().all())
    for (const id of [1, 2, 3]) expect(imported.history(id)).toEqual(pipeline.history(id))
    expect(imported.create({ type: 'bug', name: 'next' }, anna).id).toBe(4)
    imported.apply(2, { type: 'close' }, anna)
    expect(load(other).all()).toEqual(imported.all())
  })

  test.each(databaseFixtures())('of a database of schema $version is what it said', (fixture) => {
    const store = emptyStore()
    bring(store, exportItems(emptyStore(fixture.sql)))
    expect(load(store).all()).toEqual(fixture.items.map(({ item }) => item))
    expect(load(store).history(6)).toEqual(fixture.deleted)
  })
})

test('a project that ever had an item takes no import, and is as it was', () => {
  const { pipeline, store } = project()
  pipeline.create({ type: 'bug', name: 'a mistake' }, anna)
  const other = exportItems(store)
  pipeline.delete(1, anna)
  const before = exportItems(store)
  expect(() => bring(store, other)).toThrow(
    expect.objectContaining({ code: 'not-empty', message: expect.stringContaining('up to #1') }),
  )
  expect(exportItems(store)).toEqual(before)
})

test('an import that the disk does not take has changed nothing', () => {
  const { pipeline, store } = project()
  for (let id = 1; id <= 200; id += 1)
    pipeline.create({ type: 'bug', name: `item ${id}`, body: 'x'.repeat(500) }, anna)
  const full = emptyStore()
  full.db.pragma(`max_page_count = ${full.db.pragma('page_count', { simple: true })}`)
  expect(() => bring(full, exportItems(store))).toThrow(
    expect.objectContaining({ code: 'disk-full' }),
  )
  expect(exportItems(full).items).toEqual([])
})

describe('a file that is no export', () => {
  const one = {
    ...{ id: 1, type: 'story', name: 'Greet', stage: { kind: 'backlog' }, origin: anna },
    ...{ created: 1, updated: 1 },
  }
  const file = (...items: object[]) => ({ huskies: 'items', version: 1, items })

  test.each<[string, unknown, RegExp]>([
    ['no JSON', undefined, /it is not JSON/],
    ['something else', [1], /it does not fit/],
    ['a newer export', { ...file(), version: 2 }, /version does not fit/],
    ['an unknown field', file({ ...one, colour: 'red' }), /items\.0 does not fit: .*colour/],
    ['a strange stage', file({ ...one, stage: { kind: 'x' } }), /items\.0\.stage\.kind/],
    ['a stage that lacks something', file({ ...one, stage: { kind: 'qa' } }), /items\.0\.stage/],
    ['an unknown old stage', file({ ...one, stage: '9_later' }), /items\.0\.stage/],
    ['a name of two lines', file({ ...one, name: 'a\nb' }), /a name is one line/],
    ['a number twice', file(one, one), /number 1 is given twice/],
    ['a dependency on nothing', file({ ...one, dependsOn: [7] }), /#1 depends on 7/],
    ['a dependency on itself', file({ ...one, dependsOn: [1] }), /#1 depends on itself/],
    [
      'a circle',
      file(
        { ...one, dependsOn: [2] },
        { ...one, id: 2, dependsOn: [3] },
        { ...one, id: 3, dependsOn: [1] },
      ),
      /depends on itself, by way of others/,
    ],
    ['a group that is none', file({ ...one, epic: 2 }, { ...one, id: 2 }), /cannot be part of 2/],
  ])('is refused in one sentence with the place: %s', (_, value, sentence) => {
    const text = value === undefined ? '{"huskies": ' : JSON.stringify(value)
    expect(() => readExport(text)).toThrow(
      expect.objectContaining({ code: 'bad-export', message: expect.stringMatching(sentence) }),
    )
  })

  test('is never read by way of a prototype or a wrong type', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => readExport(text)).toThrow(expect.objectContaining({ code: 'bad-export' }))
      }),
    )
  })
})

test('an export of an older version, with its stage names, is read as what it means today', () => {
  const old = (id: number, stage: string, more: object = {}) => ({
    ...{ id, type: 'story', name: `item ${id}`, stage, origin: anna, created: 1, updated: 5 },
    ...more,
  })
  const read = readExport(
    JSON.stringify({
      huskies: 'items',
      version: 1,
      items: [
        old(1, '1_backlog'),
        old(2, 'current', { dependsOn: [1] }),
        old(3, '2_current', { badge: 'blocked', reason: 'no network' }),
        old(4, '5_done'),
        old(5, '6_archived', { status: 'blocked' }),
      ],
    }),
  )
  expect(read.items.map(({ stage }) => stage)).toMatchObject([
    { kind: 'backlog' },
    { kind: 'coding', retries: 0 },
    { kind: 'blocked', reason: 'no network', resumeTo: { kind: 'coding' } },
    { kind: 'done', at: 5 },
    { kind: 'archived', from: { kind: 'blocked' } },
  ])
  const store = emptyStore()
  bring(store, read)
  expect(load(store).need(2).dependsOn).toEqual([1])
})

test('ten thousand items that wait for one another in a chain are checked at once', () => {
  const items = Array.from({ length: 10_000 }, (_, index) => ({
    ...{ id: index + 1, type: 'story', name: `item ${index + 1}`, stage: { kind: 'backlog' } },
    ...{ dependsOn: index === 0 ? [] : [index], origin: anna, created: 1, updated: 1 },
  }))
  expect(readExport(JSON.stringify({ huskies: 'items', version: 1, items })).items).toHaveLength(
    10_000,
  )
})
