import { expect, test } from 'vitest'
import { PipelineDocument } from '../../../src/pipeline/document/document.ts'
import { Journal } from '../../../src/pipeline/document/journal.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { meet, OwnerNode, ReplicaNode } from '../nodes.ts'
import { anna, project } from '../project.ts'
import { events, itemWith, stages } from '../samples.ts'

/** Three stories, of which the second is done with and archived. */
function withArchive() {
  const started = project()
  const { pipeline } = started
  pipeline.create({ type: 'story', name: 'Greet' }, anna)
  pipeline.create({ type: 'story', name: 'Wave', body: '- [x] waves' }, anna)
  pipeline.create({ type: 'story', name: 'Bow', dependsOn: [2] }, anna)
  pipeline.apply(2, events.close, anna)
  pipeline.apply(2, events.accept, anna)
  return started
}

const numbers = (items: readonly { readonly id: number }[]) => items.map(({ id }) => id)

test('an archived item has left the document, and is there for everybody who asks for it', () => {
  const { pipeline, load, store } = withArchive()
  expect(new PipelineDocument(new Journal(store).read()).has(2)).toBe(false)
  for (const reader of [pipeline, load()]) {
    expect(numbers(reader.live())).toEqual([1, 3])
    expect(numbers(reader.all())).toEqual([1, 2, 3])
    expect(reader.need(2)).toMatchObject({ name: 'Wave', criteria: [{ text: 'waves', met: true }] })
    expect(reader.history(2).map(({ event }) => event)).toEqual(['create', 'close', 'accept'])
    expect(numbers(reader.search(({ body }) => body.includes('waves')))).toEqual([2])
    expect(numbers(reader.dependents(2))).toEqual([3])
  }
  expect(store.db.prepare('SELECT id FROM pipeline_items ORDER BY id').pluck().all()).toEqual([
    ...[1, 2, 3],
  ])
})

test('a start reads nothing of the archive, so that what is damaged there harms only who asks for it', () => {
  const { store, load } = withArchive()
  store.db.exec("UPDATE archived_items SET name = 'Weave'")
  const pipeline = load()
  expect(numbers(pipeline.live())).toEqual([1, 3])
  expect(() => pipeline.get(2)).toThrow(
    expect.objectContaining({
      code: 'damaged-archive',
      message: expect.stringMatching(/^Item 2 /),
    }),
  )
})

test('an archived item that is reopened comes back whole, and can be archived again', () => {
  const { pipeline, load, store } = withArchive()
  pipeline.apply(2, events.reopen, anna)
  expect(store.db.prepare('SELECT count(*) FROM archived_items').pluck().get()).toBe(0)
  for (const reader of [pipeline, load()]) {
    expect(numbers(reader.live())).toEqual([1, 2, 3])
    expect(reader.need(2)).toMatchObject({ body: '- [x] waves', generation: 2 })
    expect(reader.history(2)).toHaveLength(4)
  }
  pipeline.apply(2, events.close, anna)
  pipeline.apply(2, events.archive, anna)
  expect(numbers(load().live())).toEqual([1, 3])
  expect(load().history(2)).toHaveLength(6)
})

test('an archived item that is edited stays in the archive', () => {
  const { pipeline, load } = withArchive()
  pipeline.edit(2, { name: 'Wave back' }, anna)
  pipeline.check(2, 1, false, anna)
  for (const reader of [pipeline, load()]) {
    expect(reader.need(2)).toMatchObject({ name: 'Wave back', body: '- [ ] waves' })
    expect(reader.history(2)).toHaveLength(5)
    expect(numbers(reader.live())).toEqual([1, 3])
  }
})

test('L44, L45: an archived item that is deleted leaves a tombstone, its history and its number', () => {
  const { pipeline, load } = withArchive()
  pipeline.delete(3, anna)
  pipeline.create({ type: 'story', name: 'Nod' }, anna)
  for (const event of [events.close, events.archive]) pipeline.apply(4, event, anna)
  pipeline.delete(2, anna)
  pipeline.delete(4, anna)
  for (const reader of [pipeline, load()]) {
    expect(numbers(reader.all())).toEqual([1])
    expect(() => reader.need(2)).toThrow('was deleted')
    expect(reader.history(4).map(({ event }) => event)).toEqual([
      ...['create', 'close', 'archive', 'delete'],
    ])
  }
  expect(load().create({ type: 'story', name: 'Next' }, anna).id).toBe(5)
})

test('L45: the highest number is remembered when its item is all there was, and is archived', () => {
  const { pipeline, load } = project()
  pipeline.create({ type: 'story', name: 'Only' }, anna)
  for (const event of [events.close, events.archive]) pipeline.apply(1, event, anna)
  expect(load().create({ type: 'story', name: 'Next' }, anna).id).toBe(2)
})

test('an item that was archived while it was blocked is no matter of the archive: the board shows it', () => {
  const { pipeline, load } = project()
  pipeline.create({ type: 'story', name: 'Greet' }, anna)
  for (const event of [events.start, events.block, events.archive]) pipeline.apply(1, event, anna)
  expect(numbers(load().live())).toEqual([1])
})

test('a transaction that is rolled back leaves document and archive as they were', () => {
  const { pipeline, store, load } = withArchive()
  const before = [pipeline.all(), pipeline.history(2)]
  const undone = () =>
    store.transaction(() => {
      pipeline.edit(2, { name: 'lost' }, anna)
      expect(pipeline.need(2).name).toBe('lost')
      pipeline.apply(2, events.reopen, anna)
      pipeline.apply(3, events.close, anna)
      pipeline.apply(3, events.archive, anna)
      expect(pipeline.need(3).stage.kind).toBe('archived')
      throw new Error('the disk is gone')
    })
  expect(undone).toThrow('the disk is gone')
  for (const reader of [pipeline, load()]) expect([reader.all(), reader.history(2)]).toEqual(before)
})

test('a circle of dependencies by way of an archived item is refused', () => {
  const { pipeline } = withArchive()
  pipeline.edit(2, { dependsOn: [1] }, anna)
  expect(() => pipeline.edit(1, { dependsOn: [3] }, anna)).toThrow('#1 -> #3 -> #2 -> #1')
})

test('an epic has its archived members', () => {
  const { pipeline } = withArchive()
  pipeline.create({ type: 'epic', name: 'Manners' }, anna)
  for (const id of [2, 3]) pipeline.edit(id, { epic: 4 }, anna)
  expect(numbers(pipeline.members(4))).toEqual([2, 3])
})

test('what an older program has left in the document goes to the archive at the start', () => {
  const { store, load } = project()
  const document = new PipelineDocument([])
  const line = { at: 1, by: anna, event: 'create', to: 'backlog' } as const
  const { update } = document.change(() => {
    for (const id of [1, 2, 3, 4]) {
      document.put(itemWith({ id, stage: id === 2 ? stages.backlog : stages.archived }))
      for (let count = 0; count < id; count += 1) document.record(id, line)
    }
  })
  store.transaction(() => new Journal(store).append(update, 1, 4))
  const expected = document.items()
  for (const reader of [load(), load()]) {
    expect(reader.all()).toEqual(expected)
    expect(numbers(reader.live())).toEqual([2])
    expect([1, 2, 3, 4].map((id) => reader.history(id).length)).toEqual([1, 2, 3, 4])
  }
  // What is left of them in the document would cost every start its time.
  const [snapshot] = new Journal(store).read()
  expect(snapshot?.length).toBeLessThan(update.length / 2)
})

test('a document that is mostly worn goes on as its next edition, which says the same in less', () => {
  const { pipeline, load, store } = withArchive()
  pipeline.setPaused(true, anna)
  pipeline.delete(3, anna)
  for (let round = 0; round < 100; round += 1)
    pipeline.edit(1, { name: `Greet, version ${round}` }, anna)
  const size = () => new Journal(store).read().reduce((sum, { length }) => sum + length, 0)
  for (let round = 0; round < 60; round += 1) {
    pipeline.create({ type: 'story', name: 'short' }, anna)
    pipeline.delete(pipeline.stored.document.lastNumber, anna)
  }
  const before = {
    size: size(),
    items: pipeline.all(),
    histories: [1, 2, 3].map((id) => pipeline.history(id)),
  }
  const renew = () => store.transaction(() => pipeline.stored.renewIfWorn())
  expect(renew()).toBe(true)
  expect(renew()).toBe(false)
  expect(size()).toBeLessThan(before.size)
  pipeline.edit(1, { priority: 'high' }, anna)
  for (const reader of [pipeline, load()]) {
    expect(reader.history(1)).toHaveLength(102)
    expect(reader.history(3)).toEqual(before.histories[2])
    expect(reader.paused).toBe(true)
    expect(reader.all()).toEqual([{ ...before.items[0], ...reader.get(1) }, before.items[1]])
  }
  expect(load().create({ type: 'story', name: 'Next' }, anna).id).toBe(64)
})

/** An owner with an archive, and a copy that has all of it. */
function together() {
  const clock = new FakeClock(1_000_000)
  const [owner, node] = [new OwnerNode(clock), new ReplicaNode('slack', clock)]
  for (let id = 1; id <= 20; id += 1) {
    owner.pipeline.create({ type: 'story', name: `item ${id}`, body: 'x'.repeat(1_000) }, anna)
    if (id <= 15)
      for (const event of [events.close, events.archive]) owner.pipeline.apply(id, event, anna)
  }
  meet(owner, node)
  const agree = () => {
    expect(node.replica.stored.all()).toEqual(owner.pipeline.all())
    expect(node.rows()).toEqual(owner.rows())
    for (let id = 1; id <= 20; id += 1)
      expect(node.replica.stored.history(id)).toEqual(owner.pipeline.history(id))
  }
  return { owner, node, agree }
}

test('a copy has the archive too, and is only told of it what it does not know', () => {
  const { owner, node, agree } = together()
  agree()
  owner.pipeline.edit(7, { name: 'edited' }, anna)
  owner.pipeline.apply(8, events.reopen, anna)
  owner.pipeline.delete(9, anna)
  for (const event of [events.close, events.archive]) owner.pipeline.apply(20, event, anna)
  expect(owner.owner.serve(node.replica.ask()).length).toBeLessThan(8_000)
  meet(owner, node)
  agree()
  node.restart()
  agree()
})

test('the next edition replaces that of a copy, which keeps what it has of the archive', () => {
  const { owner, node, agree } = together()
  const late = owner.owner.serve(node.replica.ask())
  owner.pipeline.apply(8, events.reopen, anna)
  owner.pipeline.delete(9, anna)
  expect(owner.renew()).toBe(true)
  owner.pipeline.edit(7, { name: 'edited' }, anna)
  const reply = owner.owner.serve(node.replica.ask())
  expect(reply.length).toBeLessThan(16_000)
  node.replica.take(reply)
  agree()
  // What belongs to another edition is not mixed in.
  for (const old of [late, reply])
    expect(() => node.replica.take(old)).toThrow(
      expect.objectContaining({ code: 'unfitting-update' }),
    )
  agree()
})

test('a copy of what the owner has lost begins anew, its archive included', () => {
  const { owner, node, agree } = together()
  const backup = owner.copy()
  owner.pipeline.delete(1, anna)
  for (const event of [events.close, events.archive]) owner.pipeline.apply(16, event, anna)
  meet(owner, node)
  owner.restart(backup)
  for (const event of [events.close, events.archive]) owner.pipeline.apply(17, event, anna)
  meet(owner, node)
  agree()
})
