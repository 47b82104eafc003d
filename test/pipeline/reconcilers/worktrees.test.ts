import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLog } from '../../../src/kernel/log.ts'
import { Problem } from '../../../src/kernel/problem.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import type { Actor } from '../../../src/pipeline/item.ts'
import { WorktreeCleanup } from '../../../src/pipeline/reconcilers/worktree-cleanup.ts'
import { WorktreeCreate } from '../../../src/pipeline/reconcilers/worktree-create.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { GitRooms } from '../../support/git-rooms.ts'

const anna: Actor = { kind: 'person', id: 'terminal:anna' }
const never = new AbortController().signal

async function open() {
  const rooms = GitRooms.open()
  const pipeline = new DocumentPipeline(rooms.store, new FakeClock(), silentLog, { maxRetries: 3 })
  const made: number[] = []
  const occupied = new Set<number>()
  const create = new WorktreeCreate(pipeline, rooms.worktrees, (item) => made.push(item))
  const cleanup = new WorktreeCleanup(pipeline, rooms.worktrees, (item) => occupied.has(item))
  const started = async () => {
    const { id } = pipeline.create({ type: 'story', name: 'Add it' }, anna)
    pipeline.apply(id, { type: 'start' }, anna)
    await create.reconcile(String(id), never)
    return id
  }
  return { ...rooms, pipeline, made, occupied, create, cleanup, started }
}

test('An item in coding gets its worktree once, and is nobody’s key any more then.', async () => {
  const { create, pipeline, worktrees, made, setup } = await open()
  const { id } = pipeline.create({ type: 'story', name: 'Add it' }, anna)
  expect([...create.keys(), ...create.keysOf(id)]).toEqual([])
  pipeline.apply(id, { type: 'start' }, anna)
  expect([...create.keys(), ...create.keysOf(id)]).toEqual(['1', '1'])
  await create.reconcile('1', never)
  expect(worktrees.find(id)?.branch).toBe('feature/item-1')
  expect(made).toEqual([1])
  expect([...create.keys(), ...create.keysOf(id)]).toEqual([])
  await create.reconcile('1', never)
  expect(setup.calls).toEqual(['set up item-1'])
})

test('A reopened item gets the branch of its next generation.', async () => {
  const { create, pipeline, worktrees, started } = await open()
  const id = await started()
  pipeline.apply(id, { type: 'close' }, anna)
  pipeline.apply(id, { type: 'reopen' }, anna)
  pipeline.apply(id, { type: 'start' }, anna)
  expect(create.keys()).toEqual(['1'])
  await create.reconcile('1', never)
  expect(worktrees.find(id)?.branch).toBe('feature/item-1-2')
})

test('What a person has to mend blocks the item with the sentence; anything else is tried again.', async () => {
  const { create, pipeline, setup } = await open()
  const { id } = pipeline.create({ type: 'story', name: 'Add it' }, anna)
  pipeline.apply(id, { type: 'start' }, anna)
  setup.onSetUp = () => {
    throw new Error('a fault of ours')
  }
  await expect(create.reconcile('1', never)).rejects.toThrow('a fault of ours')
  expect(pipeline.need(id).stage.kind).toBe('coding')
  setup.onSetUp = () => {
    throw new Problem('setup-failed', 'npm ci failed: mend it.')
  }
  await create.reconcile('1', never)
  expect(pipeline.need(id).stage).toMatchObject({
    kind: 'blocked',
    reason: 'npm ci failed: mend it.',
  })
})

test('The worktree of an item that is over goes once no run is in it, into a recovery ref.', async () => {
  const { cleanup, pipeline, worktrees, occupied, started, fixture } = await open()
  const id = await started()
  fixture.write({ 'draft.txt': 'draft\n' }, worktrees.find(id)?.path)
  expect([...cleanup.keys(), ...cleanup.keysOf(id)]).toEqual([])
  pipeline.apply(id, { type: 'abandon' }, anna)
  expect([...cleanup.keys(), ...cleanup.keysOf(id)]).toEqual(['1', '1'])
  occupied.add(id)
  expect(await cleanup.reconcile('1')).toEqual({ afterMs: 5_000 })
  expect(worktrees.find(id)).toBeDefined()
  occupied.clear()
  expect(await cleanup.reconcile('1')).toBeUndefined()
  expect(worktrees.all()).toEqual([])
  expect(fixture.git(['show', 'refs/huskies/recovery/item-1/1:draft.txt'])).toBe('draft')
  expect(cleanup.keys()).toEqual([])
})

test('A rejected item keeps its worktree, and so does what a person brought back.', async () => {
  const { cleanup, pipeline, worktrees, started } = await open()
  const rejected = await started()
  pipeline.apply(rejected, { type: 'hold', reason: 'look' }, anna)
  pipeline.apply(rejected, { type: 'reject', reason: 'no', close: true }, anna)
  await cleanup.reconcile(String(rejected))
  const recovered = await started()
  pipeline.apply(recovered, { type: 'close' }, anna)
  await cleanup.reconcile(String(recovered))
  await worktrees.recover(recovered)
  await cleanup.reconcile(String(recovered))
  expect(worktrees.all().map(({ item }) => item)).toEqual([rejected, recovered])
  expect(cleanup.keys()).toEqual([])
})

test('Worktrees of deleted and unknown items go; what is not ours stays.', async () => {
  const { cleanup, pipeline, worktrees, started, fixture } = await open()
  const id = await started()
  pipeline.delete(id, anna)
  await worktrees.ensure(77, 'feature/item-77')
  const own = join(fixture.folder, 'item-78')
  fixture.git(['worktree', 'add', '--quiet', '--detach', own])
  expect(cleanup.keys()).toEqual(['1', '77'])
  for (const key of cleanup.keys()) await cleanup.reconcile(key)
  expect(worktrees.all()).toEqual([])
  expect(fixture.status(own)).toBe('')
})
