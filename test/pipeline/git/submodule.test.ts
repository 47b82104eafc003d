import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GitRooms, squashOf } from '../../support/git-rooms.ts'

/** Git fetches from folders only where it is told to. */
const local = ['-c', 'protocol.file.allow=always']

/** A project with the submodule `lib`, an item whose worktree has it checked out, and its next commit. */
async function project() {
  const rooms = GitRooms.open()
  const { fixture } = rooms
  const library = join(fixture.folder, 'library')
  fixture.git(['clone', '--quiet', fixture.root, library])
  fixture.git(['config', 'user.name', 'Anna'], library)
  fixture.git(['config', 'user.email', 'anna@example.org'], library)
  fixture.git([...local, 'submodule', '--quiet', 'add', library, 'lib'])
  fixture.commit('with a library')
  fixture.commit('next', { 'readme.md': 'next\n' }, library)
  const { path } = await rooms.worktrees.ensure(1, 'feature/item-1')
  fixture.git([...local, 'submodule', '--quiet', 'update', '--init'], path)
  const bump = () => {
    fixture.git([...local, 'fetch', '--quiet', library, 'main'], join(path, 'lib'))
    fixture.git(['checkout', '--quiet', 'FETCH_HEAD'], join(path, 'lib'))
    fixture.commit('a newer library', { 'src/main.txt': 'uses it\n' }, path)
    return fixture.git(['rev-parse', 'HEAD'], library)
  }
  return { ...rooms, fixture, path, bump }
}

test('A newer commit of a submodule lands; a checkout keeps its files of it until somebody updates them.', async () => {
  const { fixture, trunk, bump } = await project()
  const commit = bump()
  const squash = await squashOf(trunk, 'feature/item-1')
  const judged = await trunk.checkOut(squash)
  expect(fixture.git(['status', '--porcelain'], judged)).toBe('')
  expect((await trunk.land(1, squash)).kind).toBe('landed')
  expect(fixture.git(['rev-parse', 'main:lib'])).toBe(commit)
  expect(fixture.read('src/main.txt')).toBe('uses it\n')
  expect(fixture.read('lib/readme.md')).toBe('# Sample\n')
  expect(fixture.status()).toBe(' M lib')
  fixture.git([...local, 'submodule', '--quiet', 'update'])
  expect(fixture.status()).toBe('')
})

test('What a person does in a submodule is theirs, whatever lands beside it.', async () => {
  const { fixture, trunk, path } = await project()
  fixture.write({ 'readme.md': 'mine\n' }, join(fixture.root, 'lib'))
  fixture.commit('work', { 'new.txt': 'new\n' }, path)
  expect((await trunk.land(1, await squashOf(trunk, 'feature/item-1'))).kind).toBe('landed')
  expect(fixture.read('lib/readme.md')).toBe('mine\n')
  expect(fixture.read('new.txt')).toBe('new\n')
})

test('A worktree with a submodule in it is removed like any other, with nothing lost.', async () => {
  const { fixture, worktrees, path } = await project()
  fixture.write({ 'own.txt': 'not committed\n' }, path)
  await worktrees.remove(1)
  expect(existsSync(path)).toBe(false)
  expect(fixture.git(['for-each-ref', '--format=%(refname)', 'refs/huskies'])).not.toBe('')
  const { path: again } = await worktrees.ensure(1, 'feature/item-1')
  expect(existsSync(join(again, 'lib'))).toBe(true)
})
