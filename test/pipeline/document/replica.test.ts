import { expect, test } from 'vitest'
import { writeAsk } from '../../../src/pipeline/document/sync.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { meet, OwnerNode, ReplicaNode } from '../nodes.ts'
import { anna } from '../project.ts'
import { events, work } from '../samples.ts'

const dayMs = 86_400_000

/** A project with two stories, and a node that has seen them. */
function apart() {
  const clock = new FakeClock(100 * dayMs)
  const owner = new OwnerNode(clock)
  for (const name of ['Greet', 'Wave']) owner.pipeline.create({ type: 'story', name }, anna)
  const node = new ReplicaNode('slack', clock)
  meet(owner, node)
  return { clock, owner, node }
}

test('what is asked for while apart waits for the owner by name, and is done once both meet', () => {
  const { owner, node } = apart()
  const id = node.request({ kind: 'create', draft: { type: 'bug', name: 'It barks' } })
  expect(node.standing(id)).toBe('waiting for kennel')
  node.restart()
  expect(node.standing(id)).toBe('waiting for kennel')
  expect(node.replica.stored.get(3)).toBeUndefined()
  meet(owner, node)
  expect(node.standing(id)).toBe('done')
  expect(node.replica.requests()[0]?.answer?.item).toBe(3)
  expect(node.replica.stored.get(3)).toMatchObject({ name: 'It barks', origin: node.by })
  expect(node.replica.stored.all()).toEqual(owner.pipeline.all())
  expect(node.replica.stored.history(3)).toEqual(owner.pipeline.history(3))
})

test('all that a person may ask for goes through the pipeline itself', () => {
  const { owner, node } = apart()
  node.request({ kind: 'edit', item: 1, patch: { body: '- [ ] hello', priority: 'high' } })
  node.request({ kind: 'check', item: 1, criterion: 1, met: true })
  node.request({ kind: 'apply', item: 1, event: events.start })
  node.request({ kind: 'delete', item: 2 })
  node.request({ kind: 'pause', paused: true })
  meet(owner, node)
  expect(node.replica.requests().map(({ standing }) => standing)).toEqual(Array(5).fill('done'))
  expect(owner.pipeline.all()).toMatchObject([
    { id: 1, body: '- [x] hello', priority: 'high', stage: { kind: 'coding' } },
  ])
  expect(node.replica.stored.document.paused?.by).toEqual(node.by)
  expect(owner.pipeline.history(1).map(({ by }) => by)).toEqual([anna, node.by, node.by, node.by])
})

test('of two that cannot both be, the first to arrive wins and the other is told why', () => {
  const { clock, owner, node } = apart()
  const other = new ReplicaNode('matrix', clock)
  meet(owner, other)
  const mine = node.request({ kind: 'edit', item: 1, patch: { dependsOn: [2] } })
  const theirs = other.request({ kind: 'edit', item: 2, patch: { dependsOn: [1] } })
  meet(owner, other)
  meet(owner, node)
  expect(other.standing(theirs)).toBe('done')
  expect(node.standing(mine)).toMatch(/^refused: That would be a circle, #1 -> #2 -> #1/)
  expect(owner.pipeline.need(1).dependsOn).toEqual([])
})

test('a role that does not suffice is refused by the owner', () => {
  const { owner, node } = apart()
  const start = node.request({ kind: 'apply', item: 1, event: events.start }, 'viewer')
  const remove = node.request({ kind: 'delete', item: 1 }, 'member')
  meet(owner, node)
  expect(node.standing(start)).toMatch('refused: A viewer may not')
  expect(node.standing(remove)).toMatch('refused: A member may not')
  expect(owner.pipeline.need(1).stage.kind).toBe('backlog')
})

test('what only the owner can know is never taken from anybody else', () => {
  const { owner, node } = apart()
  owner.pipeline.apply(1, events.start, anna)
  owner.pipeline.apply(1, { type: 'qa-skipped', work }, anna)
  const head = { at: 99 * dayMs, by: node.by, role: 'admin' }
  const forged = [
    { deed: { kind: 'apply', item: 1, event: events.merged } },
    { deed: { kind: 'create', draft: { type: 'story', name: 'x', id: 1 } } },
    { deed: { kind: 'edit', item: 1, patch: { stage: { kind: 'done', at: 1 } } } },
    { deed: { kind: 'pause', paused: true }, by: { kind: 'system', id: 'merge-queue' } },
    { deed: { kind: 'pause', paused: true }, role: 'owner' },
    { deed: { kind: 'claim', item: 1 } },
  ].map((request, index) => ({
    ...head,
    ...request,
    id: `00000000-0000-4000-8000-aaaaaaaaaaa${index}`,
  }))
  const before = owner.pipeline.all()
  const stateVector = node.replica.stored.document.stateVector()
  // What has not even an id is passed over.
  const requests = [...forged, 'start 1', null, { id: 'x', at: 1 }, { id: forged[0]?.id }]
  node.replica.take(owner.owner.serve(writeAsk({ stateVector, archived: 0, requests })))
  for (const { id } of forged)
    expect(node.replica.stored.document.answers.get(id)?.refused).toMatch('not understood')
  expect(owner.pipeline.all()).toBe(before)
  expect(owner.pipeline.paused).toBe(false)
})

test('a copy that was written to changes nothing for the owner, and is replaced by what the owner says', () => {
  const { owner, node } = apart()
  const { stored } = node.replica
  const before = owner.pipeline.all()
  stored.document.change(() => {
    stored.document.put({ ...owner.pipeline.need(1), stage: { kind: 'done', at: 1 } })
  })
  meet(owner, node)
  expect(owner.pipeline.all()).toBe(before)
  expect(node.replica.stored.document.items()).toEqual(before)
  expect(node.replica.stored.document.stateVector()).toEqual(
    owner.pipeline.stored.document.stateVector(),
  )
})

test.each([
  ['no JSON', Buffer.from([0, 1, 255])],
  ['no requests', Buffer.from('{"stateVector":"AA=="}')],
  ['no state vector', writeAsk({ stateVector: Buffer.from([9, 255]), archived: 0, requests: [] })],
])('an ask that is %s is refused in one sentence', (_, bytes) => {
  const { owner } = apart()
  expect(() => owner.owner.serve(bytes)).toThrow(expect.objectContaining({ code: 'bad-ask' }))
})

test('a reply that was cut off anywhere changes nothing, and the next one makes up for it', () => {
  const { owner, node } = apart()
  owner.pipeline.apply(1, events.start, anna)
  owner.pipeline.delete(2, anna)
  const before = node.replica.stored.all()
  const reply = owner.owner.serve(node.replica.ask())
  for (let length = 0; length < reply.length; length += 1) {
    expect(() => node.replica.take(reply.subarray(0, length))).toThrow(
      expect.objectContaining({ code: 'unfitting-update' }),
    )
    expect(node.replica.stored.all()).toEqual(before)
  }
  node.replica.take(reply)
  expect(node.replica.stored.all()).toEqual(owner.pipeline.all())
})

test('a late reply to what a copy no longer is changes nothing', () => {
  const { owner, node } = apart()
  const early = node.copy()
  owner.pipeline.apply(1, events.start, anna)
  meet(owner, node)
  owner.restart()
  owner.pipeline.apply(2, events.start, anna)
  owner.pipeline.apply(1, events.freeze, anna)
  const late = owner.owner.serve(node.replica.ask())
  node.restart(early)
  const before = node.replica.stored.all()
  expect(() => node.replica.take(late)).toThrow('does not fit')
  expect(node.replica.stored.all()).toEqual(before)
  expect(node.replica.stored.document.items()).toEqual(before)
  node.restart()
  meet(owner, node)
  expect(node.replica.stored.all()).toEqual(owner.pipeline.all())
})

test('an answer is forgotten after a while, and its request is not applied again, however it comes', () => {
  const { clock, owner, node } = apart()
  const id = node.request({ kind: 'create', draft: { type: 'story', name: 'once' } })
  const early = node.copy()
  const ask = node.replica.ask()
  meet(owner, node)
  for (const [index] of Array(40).entries()) {
    clock.advance(dayMs)
    node.request({ kind: 'edit', item: 1, patch: { name: `day ${index}` } })
    meet(owner, node)
    owner.owner.serve(ask)
  }
  expect(owner.pipeline.stored.document.answers.get(id)).toBeUndefined()
  expect(node.standing(id)).toMatch('no longer known to kennel')
  node.restart(early)
  meet(owner, node)
  owner.restart()
  owner.owner.serve(ask)
  expect(owner.pipeline.all().filter(({ name }) => name === 'once')).toHaveLength(1)
  clock.advance(30 * dayMs)
  node.request({ kind: 'pause', paused: true })
  meet(owner, node)
  expect(node.standing(id)).toBeUndefined()
})

test('a request that was never answered for so long is not applied, and says so', () => {
  const { clock, owner, node } = apart()
  const id = node.request({ kind: 'delete', item: 1 })
  clock.advance(40 * dayMs)
  node.request({ kind: 'apply', item: 1, event: events.start })
  meet(owner, node)
  expect(node.standing(id)).toMatch('it was asked too long ago')
  expect(owner.pipeline.need(1).stage.kind).toBe('coding')
})

test('nothing of an ask is answered when its transaction fails', () => {
  const { owner, node } = apart()
  node.request({ kind: 'apply', item: 1, event: events.start })
  node.request({ kind: 'apply', item: 2, event: events.start })
  owner.pipeline.witness(({ item }) => {
    if (item.id === 2) throw new Error('the disk is gone')
  })
  const ask = node.replica.ask()
  expect(() => owner.owner.serve(ask)).toThrow('the disk is gone')
  expect(owner.pipeline.inStage('coding')).toEqual([])
  owner.restart()
  meet(owner, node)
  expect(owner.pipeline.inStage('coding').map(({ id }) => id)).toEqual([1, 2])
})

test('what the owner lost with its disk is lost everywhere, and what was asked for is applied anew', () => {
  const { owner, node } = apart()
  const backup = owner.copy()
  owner.pipeline.create({ type: 'story', name: 'lost' }, anna)
  const id = node.request({ kind: 'create', draft: { type: 'story', name: 'asked for' } })
  meet(owner, node)
  expect(node.replica.requests()[0]?.answer?.item).toBe(4)
  owner.restart(backup)
  owner.pipeline.create({ type: 'story', name: 'new' }, anna)
  meet(owner, node)
  expect(node.replica.requests()).toMatchObject([{ request: { id }, answer: { item: 4 } }])
  expect(node.replica.stored.all()).toEqual(owner.pipeline.all())
  expect(node.rows()).toEqual(owner.rows())
  expect(owner.pipeline.all().map(({ name }) => name)).toEqual([
    ...['Greet', 'Wave', 'new', 'asked for'],
  ])
})

test('many requests go out a part at a time, and all arrive in order', () => {
  const { owner, node } = apart()
  for (let k = 0; k < 1_200; k += 1)
    node.request({ kind: 'edit', item: 1, patch: { name: `name ${k}` } })
  meet(owner, node)
  expect(node.replica.requests().every(({ standing }) => standing === 'done')).toBe(true)
  expect(owner.pipeline.history(1)).toHaveLength(1_201)
  expect(node.replica.stored.get(1)?.name).toBe('name 1199')
})
