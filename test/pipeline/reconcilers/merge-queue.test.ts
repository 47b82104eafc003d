import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLog } from '../../../src/kernel/log.ts'
import { Problem } from '../../../src/kernel/problem.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { GateRecords } from '../../../src/pipeline/gates/gate-records.ts'
import type { Actor, ItemDraft } from '../../../src/pipeline/item.ts'
import { MergeJudge } from '../../../src/pipeline/merge/merge-judge.ts'
import { MergeQueue } from '../../../src/pipeline/reconcilers/merge-queue.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeGates, green, red } from '../../support/fake-gates.ts'
import { GitRooms, squashOf, work } from '../../support/git-rooms.ts'
import type { Files } from '../../support/repository.ts'

const anna: Actor = { kind: 'person', id: 'terminal:anna' }
const never = new AbortController().signal

async function open({ maxRetries = 3, repeatOnce = false, recovers = false, batch = 1 } = {}) {
  const rooms = GitRooms.open()
  const clock = new FakeClock(1_000)
  const pipeline = new DocumentPipeline(rooms.store, clock, silentLog, { maxRetries })
  const gates = new FakeGates()
  const gateRecords = new GateRecords(rooms.store, clock)
  const start = (trunk = rooms.trunk) =>
    new MergeQueue({
      ...{ pipeline, trunk, clock, log: silentLog, base: 'main', recovers, batch },
      judge: new MergeJudge({ trunk, gates, gateRecords, repeatOnce }),
    })
  const queue = start()
  /** An item in merge whose branch has these changes. */
  const queued = async (files: Files, draft: Partial<ItemDraft> = {}) => {
    const { id } = pipeline.create({ type: 'story', name: 'Add it', ...draft }, anna)
    pipeline.apply(id, { type: 'start' }, anna)
    const branch = await work(rooms, id, files)
    const { ahead } = await rooms.worktrees.state(id)
    pipeline.apply(id, { type: 'qa-skipped', work: { branch, ahead: Math.max(1, ahead) } }, anna)
    return id
  }
  const pass = () => queue.reconcile('merge', never)
  const subjects = () => rooms.fixture.git(['log', '--format=%s']).split('\n')
  const stage = (id: number) => pipeline.need(id).stage
  return {
    ...rooms,
    rooms,
    clock,
    pipeline,
    gates,
    gateRecords,
    start,
    queue,
    queued,
    pass,
    subjects,
    stage,
  }
}

test('L36: what lands has number, type and name in its subject, and the item says which commit it is.', async () => {
  const { fixture, queued, pass, subjects, stage, gates, queue } = await open()
  const id = await queued({ 'a.txt': 'a\n' }, { type: 'bug', name: 'Mend the greeting' })
  expect(queue.keys()).toEqual(['merge'])
  expect(await pass()).toBeUndefined()
  expect(subjects()).toEqual(['huskies: merge 1 bug Mend the greeting', 'first'])
  expect(stage(id)).toEqual({ kind: 'done', at: 1_000, commit: fixture.git(['rev-parse', 'main']) })
  expect(gates.runs).toEqual(['merge'])
  expect(queue.keys()).toEqual([])
})

test('The gates see exactly the tree that lands, with what others landed before it.', async () => {
  const { fixture, queued, pass, gates } = await open()
  await queued({ 'a.txt': 'a\n' })
  await queued({ 'b.txt': 'b\n' })
  const judged: string[] = []
  gates.judge = (directory) => {
    judged.push(fixture.git(['rev-parse', 'HEAD^{tree}'], directory))
    expect(fixture.status(directory)).toBe('')
    return green
  }
  await pass()
  expect(fixture.git(['log', '--reverse', '--format=%T']).split('\n').slice(1)).toEqual(judged)
})

test('The more urgent goes first, then who came first.', async () => {
  const { queued, pass, subjects } = await open()
  await queued({ 'a.txt': 'a\n' }, { name: 'A', priority: 'low' })
  await queued({ 'b.txt': 'b\n' }, { name: 'B' })
  await queued({ 'c.txt': 'c\n' }, { name: 'C' })
  await queued({ 'd.txt': 'd\n' }, { name: 'D', priority: 'high' })
  await pass()
  expect(subjects().map((subject) => subject.at(-1))).toEqual(['A', 'C', 'B', 'D', 't'])
})

test('L28: somebody commits while the gates run: it is built and judged again, and both stand.', async () => {
  const { fixture, queued, pass, subjects, gates } = await open()
  await queued({ 'a.txt': 'a\n' })
  gates.judge = () => {
    if (gates.runs.length === 1) fixture.commit('meanwhile', { 'other.txt': 'other\n' })
    return green
  }
  await pass()
  expect(gates.runs).toHaveLength(2)
  expect(subjects()).toEqual(['huskies: merge 1 story Add it', 'meanwhile', 'first'])
  expect(fixture.status()).toBe('')
})

test('L26: a branch that changes nothing is a question to a person; one without commits is blocked.', async () => {
  const { fixture, queued, pass, subjects, stage } = await open()
  const same = await queued({ 'a.txt': 'a\n' })
  const none = await queued({})
  fixture.git(['reset', '--hard', '--quiet', 'main'], join(fixture.worktrees, `item-${none}`))
  fixture.commit('the same', { 'a.txt': 'a\n' })
  await pass()
  expect(stage(same)).toMatchObject({ kind: 'review-hold', resumeTo: { kind: 'merge' } })
  expect(stage(none)).toMatchObject({
    kind: 'blocked',
    reason: expect.stringMatching(/no commits/),
  })
  expect(subjects()).toEqual(['the same', 'first'])
})

test('Red gates send the item back to its coder with what failed, and land nothing.', async () => {
  const { queued, pass, stage, pipeline, gates, subjects } = await open()
  gates.judge = () => red('test', 'expected 1, got 2')
  const id = await queued({ 'a.txt': 'a\n' })
  await pass()
  expect(stage(id)).toMatchObject({
    kind: 'coding',
    failure: expect.stringMatching(/the test failed.*expected 1, got 2.*git merge main/s),
  })
  expect(pipeline.need(id).returns).toBe(1)
  expect(pipeline.history(id).map(({ event }) => event)).toContain('merge-failed')
  expect(subjects()).toEqual(['first'])
})

test('A test that is red once and green on the same tree lands, and the history says so.', async () => {
  const { fixture, queued, pass, stage, pipeline, gates, gateRecords } = await open({
    repeatOnce: true,
  })
  const id = await queued({ 'a.txt': 'a\n' })
  const judged: string[] = []
  gates.judge = (directory) => {
    judged.push(fixture.git(['rev-parse', 'HEAD^{tree}'], directory))
    expect(fixture.status(directory)).toBe('')
    fixture.write({ 'left.txt': 'by the tests\n' }, directory)
    return judged.length === 1 ? red('test', 'port in use') : green
  }
  await pass()
  expect(stage(id).kind).toBe('done')
  expect(judged).toEqual([judged[0], judged[0]])
  const merged = pipeline.history(id).find(({ event }) => event === 'merged')
  expect(merged?.note).toMatch(/^[0-9a-f]{40}, after the test failed once and passed on the same/)
  expect(gateRecords.of(id)).toMatchObject({ passed: true, step: 'the test', tree: judged[0] })
})

test('A test that is red twice is red, and no other class is run twice.', async () => {
  const { queued, pass, stage, gates } = await open({ repeatOnce: true })
  const first = await queued({ 'a.txt': 'a\n' })
  gates.judge = () => red('test')
  await pass()
  expect(gates.runs).toHaveLength(2)
  const second = await queued({ 'b.txt': 'b\n' })
  gates.judge = () => red('build')
  await pass()
  expect(gates.runs).toHaveLength(3)
  expect([stage(first).kind, stage(second).kind]).toEqual(['coding', 'coding'])
})

test.each(['format', 'lint', 'docs'] as const)(
  'A %s failure goes back to a coder at once, without being called a failed merge.',
  async (kind) => {
    const { queued, pass, stage, pipeline, gates, gateRecords } = await open()
    gates.judge = () => red(kind, 'two blanks at the end')
    const id = await queued({ 'a.txt': 'a\n' })
    await pass()
    expect(stage(id)).toMatchObject({ failure: expect.stringContaining('two blanks at the end') })
    const events = pipeline.history(id).map(({ event }) => event)
    expect(events.slice(-2)).toEqual(['merge-started', 'fix-up'])
    expect(gateRecords.of(id)).toMatchObject({ place: 'merge', passed: false })
  },
)

test('L32: what merges cleanly and does not build together counts as a conflict.', async () => {
  const { queued, pass, pipeline, gates } = await open()
  gates.judge = () => red('build', 'undefined: greet')
  const id = await queued({ 'a.txt': 'a\n' })
  await pass()
  const failed = pipeline.history(id).find(({ event }) => event === 'merge-failed')
  expect(failed?.note).toMatch(/conflicts with the base branch: merged, it does not build/)
})

test('A conflict goes back to the coder, who merges the base branch; then it lands.', async () => {
  const { fixture, worktrees, queued, pass, stage, pipeline, subjects } = await open()
  const id = await queued({ 'readme.md': 'theirs\n' })
  fixture.commit('ours', { 'readme.md': 'ours\n' })
  await pass()
  expect(stage(id)).toMatchObject({
    kind: 'coding',
    failure: expect.stringMatching(/readme\.md\nRun git merge main/),
  })
  const path = worktrees.find(id)?.path
  expect(() => fixture.git(['merge', 'main'], path)).toThrow()
  fixture.commit('resolved', { 'readme.md': 'both\n' }, path)
  const { branch, ahead } = await worktrees.state(id)
  pipeline.apply(id, { type: 'qa-skipped', work: { branch, ahead } }, anna)
  await pass()
  expect(stage(id).kind).toBe('done')
  expect(subjects()).toEqual(['huskies: merge 1 story Add it', 'ours', 'first'])
  expect(fixture.read('readme.md')).toBe('both\n')
})

test('L32: where an agent mends conflicts, they wait for it, those that git cannot see too.', async () => {
  const { fixture, worktrees, queued, pass, stage, pipeline, gates, subjects } = await open({
    recovers: true,
  })
  const id = await queued({ 'readme.md': 'theirs\n' })
  fixture.commit('ours', { 'readme.md': 'ours\n' })
  await pass()
  expect(stage(id)).toMatchObject({ kind: 'merge-failure', failure: { detail: 'readme.md' } })
  expect(await pass()).toBeUndefined()

  expect(await worktrees.mergeBase(id)).toEqual(['readme.md'])
  fixture.commit('resolved', { 'readme.md': 'both\n' }, worktrees.find(id)?.path)
  pipeline.apply(id, { type: 'requeue' }, anna)
  gates.judge = () => red('build', 'undefined: greet')
  await pass()
  expect(stage(id)).toMatchObject({ kind: 'merge-failure', attempts: 2 })

  gates.judge = () => green
  pipeline.apply(id, { type: 'requeue' }, anna)
  await pass()
  expect(stage(id).kind).toBe('done')
  expect(subjects()).toEqual(['huskies: merge 1 story Add it', 'ours', 'first'])
})

test('The way back from merge is limited: then the item is blocked with the reason.', async () => {
  const { queued, pass, stage, pipeline, worktrees, gates } = await open({ maxRetries: 2 })
  gates.judge = () => red('test', 'never green')
  const id = await queued({ 'a.txt': 'a\n' })
  await pass()
  const { branch, ahead } = await worktrees.state(id)
  pipeline.apply(id, { type: 'qa-skipped', work: { branch, ahead } }, anna)
  await pass()
  expect(stage(id)).toMatchObject({ kind: 'blocked', reason: expect.stringMatching(/2 times/) })
})

test("A person's changes in the way: the item waits and says for what, the next one goes first.", async () => {
  const { fixture, queued, pass, queue, stage, gates, pipeline } = await open()
  const first = await queued({ 'readme.md': 'new\n' })
  const second = await queued({ 'b.txt': 'b\n' })
  fixture.write({ 'readme.md': 'mine\n' })
  expect(await pass()).toEqual({ afterMs: 5_000 })
  expect(stage(first).kind).toBe('merge')
  expect(queue.waiting(first)).toMatch(/readme\.md in .*project .*commit or stash/)
  expect(stage(second).kind).toBe('done')
  expect(fixture.read('readme.md')).toBe('mine\n')

  expect(await pass()).toEqual({ afterMs: 5_000 })
  const [runs, events] = [gates.runs.length, pipeline.history(first).length]
  expect(await pass()).toEqual({ afterMs: 5_000 })
  expect([gates.runs.length, pipeline.history(first).length]).toEqual([runs, events])

  fixture.git(['checkout', 'readme.md'])
  expect(await pass()).toBeUndefined()
  expect(gates.runs).toHaveLength(runs)
  expect(stage(first).kind).toBe('done')
  expect(queue.waiting(first)).toBeUndefined()
})

test('An item that leaves the queue while its gates run does not land.', async () => {
  const { queued, pass, stage, pipeline, gates, subjects } = await open()
  const id = await queued({ 'a.txt': 'a\n' })
  gates.judge = () => {
    pipeline.apply(id, { type: 'freeze' }, anna)
    return green
  }
  await pass()
  expect(stage(id).kind).toBe('frozen')
  expect(subjects()).toEqual(['first'])
})

test('L27, L30: a crash after the landing: the item is merged exactly once, and nothing is a strike.', async () => {
  const { rooms, queued, pipeline, start, stage, subjects, gates } = await open()
  const id = await queued({ 'a.txt': 'a\n' })
  const { trunk } = rooms
  const result = await trunk.squash(`feature/item-${id}`, 'huskies: merge 1 story Add it')
  if (result.kind !== 'squashed') throw new Error(result.kind)
  await trunk.land(id, result.squash)
  expect(stage(id).kind).toBe('merge')

  const restarted = rooms.start()
  for (let count = 0; count < 2; count++) await start(restarted.trunk).reconcile('merge', never)
  expect(stage(id)).toMatchObject({ kind: 'done', commit: result.squash.commit })
  expect(subjects()).toHaveLength(2)
  expect(gates.runs).toEqual([])
  expect(pipeline.need(id).returns).toBe(0)
  expect(pipeline.history(id).filter(({ event }) => event === 'merged')).toHaveLength(1)
})

test('L29: gates that a restart cut short run again; the merge in between names no process, and is no strike.', async () => {
  const { rooms, queued, pass, stage, start, gates, pipeline } = await open()
  const id = await queued({ 'a.txt': 'a\n' })
  gates.judge = () => Promise.reject(new Error('the program was killed'))
  await expect(pass()).rejects.toThrow('killed')
  expect(stage(id)).toMatchObject({ kind: 'merge', retries: 0 })
  gates.judge = () => green
  const restarted = start(rooms.start().trunk)
  expect(restarted.keys()).toEqual(['merge'])
  await restarted.reconcile('merge', never)
  expect(stage(id).kind).toBe('done')
  expect(pipeline.history(id).some(({ event }) => event === 'merge-failed')).toBe(false)
})

test('An item whose merge fails unexpectedly does not hold up the others.', async () => {
  const { queued, pass, stage, gates, queue, fixture } = await open()
  const first = await queued({ 'bad.txt': 'bad\n' })
  const second = await queued({ 'b.txt': 'b\n' })
  gates.judge = (directory) => {
    if (existsSync(join(directory, 'bad.txt'))) throw new Error('no such disk')
    return green
  }
  await expect(pass()).rejects.toThrow('no such disk')
  expect(stage(second).kind).toBe('done')
  expect(queue.waiting(first)).toMatch(/see the log/)
  expect(fixture.status()).toBe('')
})

test('A checkout that could not be brought along is what all others wait for.', async () => {
  const { fixture, rooms, queued, pass, queue, stage } = await open()
  const [first, second] = [await queued({ 'a.txt': 'a\n' }), await queued({ 'b.txt': 'b\n' })]
  const made = await squashOf(rooms.trunk, `feature/item-${first}`)
  await rooms.trunk.land(first, made)
  fixture.write({ '.git/index.lock': '' })
  await expect(pass()).rejects.toMatchObject({ code: 'checkout-behind' })
  expect(queue.waiting(second)).toMatch(/Another git is at work/)
  fixture.write({ '.git/index.lock': null })
  await pass()
  expect([stage(first).kind, stage(second).kind]).toEqual(['done', 'done'])
})

test('A lock that a killed git has left is what all wait for, by its name, and is no strike.', async () => {
  const { fixture, queued, pass, queue, stage, clock, pipeline } = await open()
  const [first, second] = [await queued({ 'a.txt': 'a\n' }), await queued({ 'b.txt': 'b\n' })]
  const lock = fixture.lock('refs/heads/main.lock')
  expect(await pass()).toEqual({ afterMs: 5_000 })
  expect(queue.waiting(first)).toContain(`Another git holds ${lock}: let it end, or delete`)
  expect(queue.waiting(second)).toBe(queue.waiting(first))
  fixture.lock('refs/heads/main.lock', 11 * 60)
  clock.advance(5_000)
  expect(await pass()).toBeUndefined()
  expect([stage(first).kind, stage(second).kind]).toEqual(['done', 'done'])
  expect(pipeline.history(first).some(({ event }) => event === 'merge-failed')).toBe(false)
})

test('A failed setup is tried again after a while, and blocks the item at the third time.', async () => {
  const { queued, pass, stage, setup, clock } = await open()
  const id = await queued({ 'a.txt': 'a\n' })
  setup.fingerprint = 'npm ci'
  setup.onSetUp = () => {
    throw new Problem('setup-failed', 'npm ci failed')
  }
  expect(await pass()).toEqual({ afterMs: 30_000 })
  expect(stage(id)).toMatchObject({ kind: 'merge-failure', attempts: 1 })
  clock.advance(30_000)
  expect(await pass()).toEqual({ afterMs: 60_000 })
  clock.advance(60_000)
  await pass()
  expect(stage(id)).toMatchObject({ kind: 'blocked', reason: expect.stringMatching(/3 times/) })
})

test('A program that stops leaves the item in the queue.', async () => {
  const { queued, queue, stage, gates } = await open()
  const id = await queued({ 'a.txt': 'a\n' })
  const stopping = new AbortController()
  gates.judge = () => {
    stopping.abort(new Error('stopping'))
    throw stopping.signal.reason
  }
  await expect(queue.reconcile('merge', stopping.signal)).rejects.toThrow('stopping')
  expect(stage(id)).toMatchObject({ kind: 'merge', retries: 0 })
})
