import { readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { silentLog } from '../../../src/kernel/log.ts'
import { DocumentPipeline } from '../../../src/pipeline/document/document-pipeline.ts'
import { GateRecords } from '../../../src/pipeline/gates/gate-records.ts'
import { Pushes } from '../../../src/pipeline/git/pushes.ts'
import type { Actor } from '../../../src/pipeline/item.ts'
import { MergeJudge } from '../../../src/pipeline/merge/merge-judge.ts'
import type { Generate } from '../../../src/pipeline/programs/generate.ts'
import { MergeQueue } from '../../../src/pipeline/reconcilers/merge-queue.ts'
import { BareRemote } from '../../support/bare-remote.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeGates, green } from '../../support/fake-gates.ts'
import { GitRooms, work } from '../../support/git-rooms.ts'
import { serveGit } from '../../support/git-server.ts'
import type { Files } from '../../support/repository.ts'

const anna: Actor = { kind: 'person', id: 'terminal:anna' }
const never = new AbortController().signal

async function open({ batch = 1, generate }: { batch?: number; generate?: Generate } = {}) {
  const rooms = GitRooms.open()
  const { fixture, store } = rooms
  const clock = new FakeClock(1_000)
  const remote = new BareRemote(rooms)
  const trunk = await remote.trunk(generate)
  const pipeline = new DocumentPipeline(store, clock, silentLog, { maxRetries: 3 })
  const gates = new FakeGates()
  const gateRecords = new GateRecords(store, clock)
  const queue = new MergeQueue({
    ...{ pipeline, trunk, clock, log: silentLog, base: 'main', recovers: false, batch },
    judge: new MergeJudge({ trunk, gates, gateRecords, repeatOnce: false }),
  })
  const queued = async (files: Files) => {
    const { id } = pipeline.create({ type: 'story', name: 'Add it' }, anna)
    pipeline.apply(id, { type: 'start' }, anna)
    const branch = await work(rooms, id, files)
    pipeline.apply(id, { type: 'qa-skipped', work: { branch, ahead: 1 } }, anna)
    return id
  }
  const pass = () => queue.reconcile('merge', never)
  const stage = (id: number) => pipeline.need(id).stage
  return { fixture, store, clock, remote, pipeline, gates, queue, queued, pass, stage }
}

test('Items land on the remote in order, and what others push meanwhile is judged with them.', async () => {
  const { remote, queued, pass, stage, gates, fixture } = await open()
  const [one, two] = [await queued({ 'a.txt': 'a\n' }), await queued({ 'b.txt': 'b\n' })]
  const judged: string[] = []
  gates.judge = (directory) => {
    judged.push(fixture.git(['rev-parse', 'HEAD^{tree}'], directory))
    if (judged.length === 1) remote.pushedByOther('theirs', { 'theirs.txt': 'theirs\n' })
    return green
  }
  expect(await pass()).toBeUndefined()
  expect(remote.log()).toEqual([
    'huskies: merge 2 story Add it',
    'huskies: merge 1 story Add it',
    'theirs',
    'first',
  ])
  expect(judged).toHaveLength(3)
  expect(judged).toContain(remote.git('rev-parse', 'main~1^{tree}'))
  expect(judged).toContain(remote.git('rev-parse', 'main^{tree}'))
  expect(stage(one)).toMatchObject({ kind: 'done', commit: remote.git('rev-parse', 'main~1') })
  expect(stage(two)).toMatchObject({ kind: 'done', commit: remote.git('rev-parse', 'main') })
  expect(fixture.git(['rev-parse', 'main'])).toBe(remote.git('rev-parse', 'main'))
})

test('A train whose files are made anew lands on the remote, each item as the tree that was judged.', async () => {
  const generate: Generate = async (folder) => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.txt') && name !== 'list.txt')
    writeFileSync(join(folder, 'list.txt'), `${names.sort().join('\n')}\n`)
  }
  const { remote, queued, pass, stage, gates, fixture } = await open({ batch: 3, generate })
  for (const name of ['a', 'b', 'c', 'd']) await queued({ [`${name}.txt`]: `${name}\n` })
  const judged: string[] = []
  gates.judge = (directory) => {
    judged.push(fixture.git(['rev-parse', 'HEAD^{tree}'], directory))
    expect(fixture.status(directory)).toBe('')
    // In the middle of the first train somebody else is faster.
    if (judged.length === 2) remote.pushedByOther('theirs', { 'theirs.txt': 'theirs\n' })
    return green
  }
  expect(await pass()).toBeUndefined()
  expect([1, 2, 3, 4].map((id) => stage(id).kind)).toEqual(['done', 'done', 'done', 'done'])
  expect(remote.log().filter((subject) => /^huskies: merge/.test(subject))).toEqual(
    [4, 3, 2, 1].map((id) => `huskies: merge ${id} story Add it`),
  )
  expect(remote.git('rev-list', '--merges', 'main')).toBe('')
  const landed = remote.git('log', '--format=%H', '--grep=^huskies: merge', 'main').split('\n')
  for (const commit of landed) {
    expect(judged).toContain(remote.git('rev-parse', `${commit}^{tree}`))
    const names = remote.git('ls-tree', '--name-only', commit).split('\n')
    const listed = names.filter((name) => name.endsWith('.txt') && name !== 'list.txt')
    expect(remote.git('show', `${commit}:list.txt`).trimEnd().split('\n')).toEqual(listed)
  }
  expect(fixture.git(['rev-parse', 'main'])).toBe(remote.git('rev-parse', 'main'))
  expect(fixture.status()).toBe('')
})

test('While the remote is away all items wait with the reason, asked more and more rarely.', async () => {
  const { remote, queued, pass, stage, queue, clock, pipeline } = await open()
  const [one, two] = [await queued({ 'a.txt': 'a\n' }), await queued({ 'b.txt': 'b\n' })]
  renameSync(remote.path, `${remote.path}.away`)
  expect(await pass()).toEqual({ afterMs: 5_000 })
  expect(queue.waiting(one)).toMatch(/^origin cannot be reached\. /)
  expect(queue.waiting(two)).toMatch(/^origin cannot be reached\. /)
  clock.advance(3_000)
  expect(await pass()).toEqual({ afterMs: 2_000 })
  clock.advance(2_000)
  expect(await pass()).toEqual({ afterMs: 10_000 })
  renameSync(`${remote.path}.away`, remote.path)
  clock.advance(10_000)
  expect(await pass()).toBeUndefined()
  expect([stage(one).kind, stage(two).kind]).toEqual(['done', 'done'])
  expect(queue.waiting(one)).toBeUndefined()
  const events = pipeline.history(one).map(({ event }) => event)
  expect(events.slice(2)).toEqual(['qa-skipped', 'merge-started', 'merged'])
})

test('What the remote refuses three times blocks the item, with what the remote said; others land.', async () => {
  const { remote, queued, pass, stage, clock, pipeline } = await open()
  remote.hook(
    'pre-receive',
    'read old new ref; ! git show $new:bad.txt > /dev/null 2>&1 || { echo "No bad files." >&2; exit 1; }',
  )
  const bad = await queued({ 'bad.txt': 'bad\n' })
  const good = await queued({ 'good.txt': 'good\n' })
  expect(await pass()).toEqual({ afterMs: 30_000 })
  expect(stage(bad)).toMatchObject({
    kind: 'merge-failure',
    failure: { detail: 'The remote refuses it: pre-receive hook declined\nNo bad files.' },
  })
  expect(stage(good).kind).toBe('done')
  clock.advance(30_000)
  await pass()
  clock.advance(60_000)
  await pass()
  expect(stage(bad)).toMatchObject({ kind: 'blocked', reason: expect.stringContaining('No bad') })
  remote.hook('pre-receive', 'exit 0')
  pipeline.apply(bad, { type: 'unblock' }, anna)
  await pass()
  expect(stage(bad).kind).toBe('done')
})

test('L26: what a push that was thought lost has brought in is merged, not empty.', async () => {
  const { fixture, store, remote, queued, pass, stage } = await open()
  const id = await queued({ 'a.txt': 'a\n' })
  const tree = fixture.git(['rev-parse', `feature/item-${id}^{tree}`])
  const commit = fixture.git(['commit-tree', '-p', 'main', '-m', 'lost', tree])
  new Pushes(store).begin({ item: id, commit }, 1_000)
  fixture.git(['push', '--quiet', 'origin', `${commit}:refs/heads/main`])
  await pass()
  expect(stage(id)).toMatchObject({ kind: 'done', commit })
  expect(remote.log()).toEqual(['lost', 'first'])
})

test('Over HTTP with a password: without it the person is told, with it the item lands.', async () => {
  const { fixture, remote, queued, pass, stage, queue, clock } = await open()
  remote.git('config', 'http.receivepack', 'true')
  const url = await serveGit(remote.path, { user: 'anna', password: 'secret-word' })
  fixture.git(['remote', 'set-url', 'origin', url.href])
  const id = await queued({ 'a.txt': 'a\n' })
  await pass()
  expect(queue.waiting(id)).toMatch(
    /^origin does not accept who we are: see that git push origin works/,
  )
  expect(stage(id).kind).toBe('merge')
  const helper = '!f() { echo username=anna; echo password=secret-word; }; f'
  fixture.git(['config', 'credential.helper', helper])
  clock.advance(5_000)
  expect(await pass()).toBeUndefined()
  expect(stage(id)).toMatchObject({ kind: 'done', commit: remote.git('rev-parse', 'main') })

  url.username = 'anna'
  url.password = 'wrong-word'
  fixture.git(['remote', 'set-url', 'origin', url.href])
  fixture.git(['config', '--unset', 'credential.helper'])
  const next = await queued({ 'b.txt': 'b\n' })
  await pass()
  expect(queue.waiting(next)).toMatch(/does not accept who we are/)
  expect(queue.waiting(next)).not.toContain('wrong-word')
})
