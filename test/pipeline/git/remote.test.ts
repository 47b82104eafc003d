import { renameSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Pushes } from '../../../src/pipeline/git/pushes.ts'
import { Remote } from '../../../src/pipeline/git/remote.ts'
import type { Squash, Trunk } from '../../../src/pipeline/trunk.ts'
import { BareRemote } from '../../support/bare-remote.ts'
import { GitRooms, work } from '../../support/git-rooms.ts'
import type { Files } from '../../support/repository.ts'

async function open(files: Files = { 'readme.md': 'new\n' }) {
  const rooms = GitRooms.open()
  const remote = new BareRemote(rooms)
  const trunk = await remote.trunk()
  const branch = await work(rooms, 1, files)
  const squash = () => squashed(trunk, branch)
  return { ...rooms, rooms, fixture: rooms.fixture, remote, trunk, branch, squash }
}

async function squashed(trunk: Trunk, branch: string): Promise<Squash> {
  const result = await trunk.squash(branch, 'huskies: merge')
  if (result.kind !== 'squashed') throw new Error(result.kind)
  return result.squash
}

test('What lands is on the remote, then here, and the checkout is brought along.', async () => {
  const { fixture, remote, trunk, squash } = await open()
  fixture.write({ 'src/main.txt': 'mine\n' })
  remote.pushedByOther('theirs', { 'theirs.txt': 'theirs\n' })
  const made = await squash()
  expect(await trunk.land(1, made)).toEqual({ kind: 'landed', commit: made.commit })
  expect(remote.log()).toEqual(['huskies: merge', 'theirs', 'first'])
  expect(remote.git('rev-parse', 'main')).toBe(made.commit)
  expect(await trunk.head()).toBe(made.commit)
  expect(fixture.read('theirs.txt')).toBe('theirs\n')
  expect(fixture.status()).toBe(' M src/main.txt')
})

test('L28: a remote that somebody else moved between fetch and push takes nothing.', async () => {
  const { remote, trunk, squash } = await open()
  const made = await squash()
  remote.pushedByOther('theirs', { 'theirs.txt': 'theirs\n' })
  expect(await trunk.land(1, made)).toEqual({ kind: 'moved' })
  expect(remote.log()).toEqual(['theirs', 'first'])
  const again = await squash()
  expect((await trunk.land(1, again)).kind).toBe('landed')
  expect(remote.log()).toEqual(['huskies: merge', 'theirs', 'first'])
})

test('A remote that was moved back by force is not moved forward again.', async () => {
  const { remote, trunk, squash } = await open()
  remote.pushedByOther('secret', { 'secret.txt': 'secret\n' })
  const made = await squash()
  remote.git('update-ref', 'refs/heads/main', 'main~1')
  expect(await trunk.land(1, made)).toEqual({ kind: 'moved' })
  await expect(squash()).rejects.toMatchObject({ code: 'local-commits' })
})

test('What a hook of the remote says against it is told, and nothing has moved.', async () => {
  const { remote, trunk, squash, fixture, store } = await open()
  remote.hook('pre-receive', 'echo "No pushing on Fridays." >&2; exit 1')
  const made = await squash()
  expect(await trunk.land(1, made)).toEqual({
    kind: 'refused',
    because: 'pre-receive hook declined\nNo pushing on Fridays.',
  })
  expect([remote.log(), fixture.git(['log', '--format=%s'])]).toEqual([['first'], 'first'])
  expect(new Pushes(store).all()).toEqual([])
})

test('Commits here that the remote does not have are never pushed along: it says so.', async () => {
  const { fixture, remote, squash } = await open()
  fixture.commit('mine', { 'mine.txt': 'mine\n' })
  await expect(squash()).rejects.toMatchObject({
    code: 'local-commits',
    message: expect.stringContaining('main has commits here that origin does not have'),
  })
  expect(remote.log()).toEqual(['first'])
})

test("A person's changes in the way of what the remote has are waited for, before anything moves.", async () => {
  const { fixture, remote, trunk, squash } = await open()
  const made = await squash()
  fixture.write({ 'readme.md': 'mine\n' })
  expect(await trunk.land(1, made)).toMatchObject({ kind: 'waiting', files: ['readme.md'] })
  expect(remote.log()).toEqual(['first'])
  fixture.git(['checkout', '--quiet', 'readme.md'])
  remote.pushedByOther('theirs', { 'long.txt': 'theirs\n' })
  fixture.write({ 'long.txt': 'mine\n' })
  await expect(squash()).rejects.toMatchObject({
    code: 'checkout-in-the-way',
    message: expect.stringContaining('long.txt'),
  })
  expect(fixture.read('long.txt')).toBe('mine\n')
})

test('A remote that is away is a reason to wait, and nothing is lost.', async () => {
  const { remote, trunk, squash } = await open()
  const made = await squash()
  renameSync(remote.path, `${remote.path}.away`)
  await expect(trunk.land(1, made)).rejects.toMatchObject({ code: 'remote-unreachable' })
  await expect(trunk.finish()).rejects.toMatchObject({ code: 'remote-unreachable' })
  renameSync(`${remote.path}.away`, remote.path)
  expect(await trunk.finish()).toBeUndefined()
  expect((await trunk.land(1, await squash())).kind).toBe('landed')
})

test.each(['before the push', 'after the push', 'after the local branch'])(
  'L27: a crash %s: it has landed once, or not at all.',
  async (moment) => {
    const { fixture, store, remote, squash } = await open()
    const made = await squash()
    new Pushes(store).begin({ item: 1, commit: made.commit }, Date.now())
    if (moment !== 'before the push')
      fixture.git(['push', '--quiet', 'origin', `${made.commit}:refs/heads/main`])
    if (moment === 'after the local branch') fixture.git(['merge', '--quiet', made.commit])
    const restarted = await remote.trunk()
    const found = await restarted.finish()
    expect(found?.commit).toBe(moment === 'before the push' ? undefined : made.commit)
    expect(await restarted.head()).toBe(found ? made.commit : made.base)
    expect(fixture.status()).toBe('')
    restarted.forget(1)
    expect(await restarted.finish()).toBeUndefined()
  },
)

test('A push that outlived the program, and was thought lost, counts when it has come.', async () => {
  const { fixture, store, remote, branch, squash } = await open()
  const made = await squash()
  new Pushes(store).begin({ item: 1, commit: made.commit }, Date.now())
  const restarted = await remote.trunk()
  expect(await restarted.finish()).toBeUndefined()
  const again = await squashed(restarted, branch)
  fixture.git(['push', '--quiet', 'origin', `${made.commit}:refs/heads/main`])
  if (again.commit !== made.commit)
    expect(await restarted.land(1, again)).toEqual({ kind: 'landed', commit: made.commit })
  expect(await restarted.finish()).toEqual({ item: 1, commit: made.commit })
  expect(remote.log()).toEqual(['huskies: merge', 'first'])
})

test('A project without a remote, and a remote without the branch, are told what to do.', async () => {
  const rooms = GitRooms.open()
  await expect(Remote.of(rooms.fixture.repository)).rejects.toMatchObject({ code: 'no-remote' })
  const remote = new BareRemote(rooms)
  remote.git('update-ref', '-d', 'refs/heads/main')
  const trunk = await remote.trunk()
  await expect(trunk.squash('work', 's')).rejects.toMatchObject({ code: 'no-remote-branch' })
})
