import { chmodSync, existsSync, lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GitRooms, squashOf, work } from '../../support/git-rooms.ts'

test('A squash lands as one commit on the base branch, and a clean checkout follows.', async () => {
  const rooms = GitRooms.open()
  const { fixture, trunk } = rooms
  const branch = await work(rooms, 1, { 'new.txt': 'new\n', 'src/main.txt': null })
  fixture.commit('more', { 'new.txt': 'newer\n' }, join(fixture.worktrees, 'item-1'))
  const base = await trunk.head()
  const made = await squashOf(trunk, branch)
  expect(made.base).toBe(base)
  const path = await trunk.checkOut(made)
  expect(fixture.git(['rev-parse', 'HEAD'], path)).toBe(made.commit)
  expect(fixture.read('new.txt', path)).toBe('newer\n')
  expect(await trunk.land(1, made)).toEqual({ kind: 'landed', commit: made.commit })
  expect(await trunk.head()).toBe(made.commit)
  expect(fixture.git(['log', '-1', '--format=%s|%P|%T|%an'])).toBe(
    `huskies: merge|${base}|${made.tree}|Anna`,
  )
  expect(fixture.status()).toBe('')
  expect(fixture.read('new.txt')).toBe('newer\n')
  expect(existsSync(join(fixture.root, 'src'))).toBe(false)
})

test('L26: a branch without commits, and one whose commits change nothing, are told apart.', async () => {
  const rooms = GitRooms.open()
  const { fixture, trunk } = rooms
  await rooms.worktrees.ensure(1, 'feature/item-1')
  expect(await trunk.squash('feature/item-1', 's')).toEqual({ kind: 'no-commits' })
  expect(await trunk.squash('feature/item-9', 's')).toEqual({ kind: 'no-commits' })
  await work(rooms, 1, { 'new.txt': 'new\n' })
  fixture.commit('the same', { 'new.txt': 'new\n' })
  expect(await trunk.squash('feature/item-1', 's')).toEqual({ kind: 'empty-diff' })
})

test('A conflict names its files and leaves everything as it was.', async () => {
  const rooms = GitRooms.open()
  const { fixture, trunk } = rooms
  const branch = await work(rooms, 1, { 'readme.md': 'theirs\n', 'src/main.txt': 'theirs\n' })
  fixture.commit('ours', { 'readme.md': 'ours\n', 'src/main.txt': 'ours\n' })
  expect(await trunk.squash(branch, 's')).toEqual({
    kind: 'conflict',
    files: ['readme.md', 'src/main.txt'],
  })
  expect(fixture.status()).toBe('')
})

test('A branch that has nothing in common with the base is a problem of its own.', async () => {
  const { fixture, trunk } = GitRooms.open()
  fixture.git(['checkout', '--quiet', '--orphan', 'other'])
  fixture.commit('unrelated')
  fixture.git(['checkout', '--quiet', 'main'])
  await expect(trunk.squash('other', 's')).rejects.toMatchObject({ code: 'unrelated-histories' })
})

test('How files merge is read from the base branch: a union merge has no conflict.', async () => {
  const rooms = GitRooms.open()
  const { fixture, trunk } = rooms
  fixture.commit('attributes', { '.gitattributes': 'changes.txt merge=union\n', 'changes.txt': '' })
  const branch = await work(rooms, 1, { 'changes.txt': 'theirs\n' })
  fixture.commit('ours', { 'changes.txt': 'ours\n' })
  const made = await squashOf(trunk, branch)
  expect(fixture.git(['show', `${made.commit}:changes.txt`])).toBe('ours\ntheirs')
})

test('Renames, modes, links, binary files and line ends land as they are.', async () => {
  const rooms = GitRooms.open()
  const { fixture, trunk, worktrees } = rooms
  fixture.commit('attributes', { '.gitattributes': '*.dos text eol=crlf\n', 'a.dos': 'a\r\n' })
  const { path } = await worktrees.ensure(1, 'feature/item-1')
  const binary = Uint8Array.from([0, 255, 13, 10, 0, 254])
  fixture.git(['mv', 'long.txt', 'moved.txt'], path)
  fixture.write({ 'run.sh': '#!/bin/sh\n', 'data.bin': binary, 'a.dos': 'b\r\n' }, path)
  chmodSync(join(path, 'run.sh'), 0o755)
  symlinkSync('run.sh', join(path, 'link'))
  fixture.commit('work', {}, path)
  const lines = readFileSync(join(fixture.root, 'long.txt'), 'utf8')
  fixture.commit('edit', { 'long.txt': lines.replace('line 3\n', 'line three\n') })
  const made = await squashOf(trunk, 'feature/item-1')
  expect((await trunk.land(1, made)).kind).toBe('landed')
  expect(fixture.status()).toBe('')
  expect(fixture.read('moved.txt')).toContain('line three\n')
  expect(existsSync(join(fixture.root, 'long.txt'))).toBe(false)
  expect(fixture.read('a.dos')).toBe('b\r\n')
  expect(readFileSync(join(fixture.root, 'data.bin'))).toEqual(Buffer.from(binary))
  expect(lstatSync(join(fixture.root, 'run.sh')).mode & 0o100).toBe(0o100)
  expect(lstatSync(join(fixture.root, 'link')).isSymbolicLink()).toBe(true)
})

test('L28: what was built on a base that has moved since does not land.', async () => {
  const rooms = GitRooms.open()
  const { fixture, trunk } = rooms
  const branch = await work(rooms, 1, { 'new.txt': 'new\n' })
  const made = await squashOf(trunk, branch)
  fixture.commit('meanwhile', { 'other.txt': 'other\n' })
  const head = fixture.git(['rev-parse', 'HEAD'])
  expect(await trunk.land(1, made)).toEqual({ kind: 'moved' })
  expect(await trunk.head()).toBe(head)
  expect(fixture.status()).toBe('')
  expect(await trunk.finish()).toBeUndefined()
  const again = await squashOf(trunk, branch)
  expect((await trunk.land(1, again)).kind).toBe('landed')
  expect(fixture.git(['log', '--format=%s'])).toBe('huskies: merge\nmeanwhile\nfirst')
})

test('L27: the base branch moves though another branch is checked out, and no other one does.', async () => {
  const rooms = GitRooms.open()
  const { fixture, trunk } = rooms
  const made = await squashOf(trunk, await work(rooms, 1, { 'new.txt': 'new\n' }))
  fixture.git(['checkout', '--quiet', '-b', 'side'])
  const side = fixture.git(['rev-parse', 'side'])
  expect((await trunk.land(1, made)).kind).toBe('landed')
  expect(fixture.git(['rev-parse', 'main'])).toBe(made.commit)
  expect(fixture.git(['rev-parse', 'side', 'HEAD'])).toBe(`${side}\n${side}`)
  expect(existsSync(join(fixture.root, 'new.txt'))).toBe(false)
})

test('A squash that is not what it says is refused before anything moves.', async () => {
  const rooms = GitRooms.open()
  const { trunk } = rooms
  const made = await squashOf(trunk, await work(rooms, 1, { 'new.txt': 'new\n' }))
  const other = await squashOf(trunk, await work(rooms, 2, { 'other.txt': 'other\n' }))
  const base = await trunk.head()
  await expect(trunk.land(1, { ...made, tree: other.tree })).rejects.toThrow('was judged')
  await expect(trunk.land(1, { ...made, base: other.commit })).rejects.toThrow('was judged')
  expect(await trunk.head()).toBe(base)
})

test('L34: setup commands run in the merge worktree, again when a lock file changes, else not.', async () => {
  const rooms = GitRooms.open()
  const { fixture, setup, trunk } = rooms
  setup.fingerprint = 'npm ci'
  setup.onSetUp = (worktree) => {
    if (!worktree.endsWith('merge')) return
    fixture.write({ 'ignored/dependency': 'installed\n', 'readme.md': 'touched\n' }, worktree)
  }
  const runs = () => setup.calls.filter((call) => call === 'set up merge').length
  const first = await squashOf(trunk, await work(rooms, 1, { 'a.txt': 'a\n' }))
  const path = await trunk.checkOut(first)
  expect(runs()).toBe(1)
  expect(fixture.read('ignored/dependency', path)).toBe('installed\n')
  expect(fixture.read('readme.md', path)).toBe('# Sample\n')

  fixture.write(
    { 'ignored/stale.out': 'stale\n', 'stray.txt': 'stray\n', 'a.txt': 'edited\n' },
    path,
  )
  writeFileSync(join(path, 'b.log'), 'stale\n')
  const second = await squashOf(trunk, await work(rooms, 2, { 'b.txt': 'b\n' }))
  await trunk.checkOut(second)
  expect(runs()).toBe(1)
  expect(fixture.read('ignored/dependency', path)).toBe('installed\n')
  for (const stale of ['stray.txt', 'b.log', 'a.txt'])
    expect(existsSync(join(path, stale))).toBe(false)

  const third = await squashOf(trunk, await work(rooms, 3, { 'package-lock.json': '{}\n' }))
  await trunk.checkOut(third)
  expect(runs()).toBe(2)
  expect(existsSync(join(path, 'ignored/stale.out'))).toBe(false)
})

test('A merge worktree that is broken is made anew.', async () => {
  const rooms = GitRooms.open()
  const { fixture, trunk } = rooms
  const made = await squashOf(trunk, await work(rooms, 1, { 'new.txt': 'new\n' }))
  const path = await trunk.checkOut(made)
  fixture.write({ '.git': null }, path)
  await trunk.checkOut(made)
  expect(fixture.status(path)).toBe('')
  expect(fixture.read('new.txt', path)).toBe('new\n')
})
