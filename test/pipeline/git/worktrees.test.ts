import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GitRooms, work } from '../../support/git-rooms.ts'

const branch = 'feature/item-1'

test('An item gets a locked worktree outside the checkout, on a new branch without upstream.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  const made = await worktrees.ensure(3, 'feature/item-3')
  expect(made).toEqual({
    item: 3,
    path: join(fixture.worktrees, 'item-3'),
    branch: 'feature/item-3',
  })
  expect(fixture.git(['worktree', 'list', '--porcelain'])).toContain('locked')
  expect(fixture.git(['rev-parse', 'feature/item-3'])).toBe(fixture.git(['rev-parse', 'main']))
  expect(fixture.git(['config', '--list'], made.path)).not.toContain('branch.')
})

test('L64: what is committed in a worktree reaches neither the checkout nor the base branch.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  const before = fixture.git(['rev-parse', 'main'])
  await work(rooms, 1, { 'readme.md': 'changed\n' })
  expect(fixture.git(['rev-parse', 'main'])).toBe(before)
  expect(fixture.status()).toBe('')
  expect(fixture.read('readme.md')).toBe('# Sample\n')
  expect(await worktrees.state(1)).toMatchObject({ ahead: 1 })
})

test('The state tells commits and uncommitted files, and names a tree that changes with the work.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  const { path } = await worktrees.ensure(1, branch)
  const fresh = await worktrees.state(1)
  expect(fresh).toMatchObject({ branch, ahead: 0, uncommitted: [] })
  fixture.write({ 'new.txt': 'new\n', 'readme.md': 'changed\n', 'a.log': 'ignored\n' }, path)
  const dirty = await worktrees.state(1)
  expect(dirty.uncommitted).toEqual(['new.txt', 'readme.md'])
  expect(dirty.fingerprint).not.toBe(fresh.fingerprint)
  expect(fixture.status(path)).toBe(' M readme.md\n?? new.txt')
  fixture.commit('work', {}, path)
  const head = fixture.git(['rev-parse', 'HEAD'], path)
  const { fingerprint } = dirty
  expect(await worktrees.state(1)).toEqual({ branch, head, ahead: 1, uncommitted: [], fingerprint })
})

test('Of a sparse checkout a worktree has the same folders, and what it leaves out counts as untouched.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  fixture.commit('more', { 'docs/page.md': 'a page\n', 'src/main.txt': 'x\n' })
  fixture.git(['sparse-checkout', 'set', 'docs'])
  const { path } = await worktrees.ensure(1, branch)
  expect(['docs/page.md', 'src'].map((name) => existsSync(join(path, name)))).toEqual([true, false])
  expect((await worktrees.state(1)).uncommitted).toEqual([])
  fixture.write({ 'docs/page.md': 'changed\n' }, path)
  expect((await worktrees.state(1)).uncommitted).toEqual(['docs/page.md'])
  expect(await worktrees.diff(1)).not.toContain('src')
})

test('The files that are not committed are counted without a lock, whoever is at work there.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  expect(await worktrees.changes(1)).toBeUndefined()
  const { path } = await worktrees.ensure(1, branch)
  expect(await worktrees.changes(1)).toEqual({ modified: 0, added: 0 })
  const files = { 'new.txt': 'new\n', 'folder/b.txt': 'new\n', 'readme.md': 'changed\n' }
  fixture.write({ ...files, 'a.log': 'ignored\n' }, path)
  fixture.git(['add', 'folder/b.txt'], path)
  const index = fixture.git(['rev-parse', '--path-format=absolute', '--git-path', 'index'], path)
  writeFileSync(`${index}.lock`, '')
  const before = statSync(index).mtimeMs
  expect(await worktrees.changes(1)).toEqual({ modified: 1, added: 2 })
  expect(statSync(index).mtimeMs).toBe(before)
  rmSync(`${index}.lock`)
  rmSync(join(path, 'readme.md'))
  expect(await worktrees.changes(1)).toEqual({ modified: 1, added: 2 })
})

test('Where the branch was deleted, nothing is ahead of the base branch, and all files count.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  await work(rooms, 1, { 'new.txt': 'new\n' })
  const { path } = await worktrees.ensure(1, branch)
  fixture.git(['update-ref', '-d', `refs/heads/${branch}`])
  expect(await worktrees.state(1)).toMatchObject({ branch, ahead: 0, uncommitted: ['new.txt'] })
  const ref = await worktrees.remove(1)
  expect(fixture.git(['show', `${ref}:new.txt`])).toBe('new')
  expect(existsSync(path)).toBe(false)
})

test('The diff shows commits, edits and new files, but not what the base branch did meanwhile.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  await work(rooms, 1, { 'readme.md': 'committed\n' })
  fixture.write({ 'new.txt': 'untracked\n' }, join(fixture.worktrees, 'item-1'))
  fixture.commit('other', { 'other.txt': 'other\n' })
  const diff = await worktrees.diff(1)
  expect(diff).toContain('+committed')
  expect(diff).toContain('+untracked')
  expect(diff).not.toContain('other')
})

test('Forty worktrees asked for in groups of eight are all made.', async () => {
  const { worktrees } = GitRooms.open()
  for (let group = 0; group < 5; group++)
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => {
        const item = group * 8 + index + 1
        return worktrees.ensure(item, `feature/item-${item}`)
      }),
    )
  expect(worktrees.all().map(({ item }) => item)).toEqual(
    Array.from({ length: 40 }, (_, i) => i + 1),
  )
})

test('L37: setup commands run once, at creation, and never in a worktree that exists.', async () => {
  const rooms = GitRooms.open()
  const { setup, worktrees } = rooms
  await Promise.all([worktrees.ensure(1, branch), worktrees.ensure(1, branch)])
  await worktrees.ensure(1, branch)
  const restarted = rooms.start()
  await restarted.worktrees.ensure(1, branch)
  expect(setup.calls).toEqual(['set up item-1'])
})

test('Setup commands that were cut short run again; until they end the worktree is not found.', async () => {
  const { setup, worktrees } = GitRooms.open()
  setup.onSetUp = () => {
    throw new Error('killed')
  }
  await expect(worktrees.ensure(1, branch)).rejects.toThrow('killed')
  expect(worktrees.find(1)).toBeUndefined()
  expect(worktrees.all()).toHaveLength(1)
  setup.onSetUp = () => {}
  await worktrees.ensure(1, branch)
  expect(worktrees.find(1)).toBeDefined()
  expect(setup.calls).toEqual(['set up item-1', 'set up item-1'])
})

test('A worktree that a crash left half made is completed.', async () => {
  const { fixture, setup, worktrees } = GitRooms.open()
  const path = join(fixture.worktrees, 'item-1')
  fixture.git(['worktree', 'add', '--no-checkout', '--lock', '-b', branch, path])
  fixture.write({ 'readme.md': '# Sam' }, path)
  expect(worktrees.find(1)).toBeUndefined()
  await worktrees.ensure(1, branch)
  expect(fixture.status(path)).toBe('')
  expect(setup.calls).toHaveLength(1)
})

test('A worktree of which a crash left only traces is made anew.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  const path = join(fixture.worktrees, 'item-1')
  fixture.git(['worktree', 'add', '--no-checkout', '--lock', '-b', branch, path])
  rmSync(join(fixture.root, '.git/worktrees/item-1/HEAD'))
  await worktrees.ensure(1, branch)
  expect(fixture.status(path)).toBe('')
  expect(fixture.git(['worktree', 'list']).split('\n')).toHaveLength(2)
})

test('A worktree whose folder somebody deleted comes back with its commits.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  await work(rooms, 1, { 'new.txt': 'new\n' })
  const path = join(fixture.worktrees, 'item-1')
  rmSync(path, { recursive: true })
  expect(worktrees.find(1)).toBeUndefined()
  await worktrees.ensure(1, branch)
  expect(readFileSync(join(path, 'new.txt'), 'utf8')).toBe('new\n')
})

test('What a person put where a worktree belongs is left alone, and named.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  const path = join(fixture.worktrees, 'item-1')
  fixture.write({ 'notes.txt': 'mine\n' }, path)
  await expect(worktrees.ensure(1, branch)).rejects.toMatchObject({ code: 'path-taken' })
  expect(fixture.read('notes.txt', path)).toBe('mine\n')
  expect(await worktrees.remove(1)).toBeUndefined()
})

test('No symbolic link leads a removal out of the folder.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  const outside = join(fixture.folder, 'outside')
  fixture.write({ 'precious.txt': 'mine\n' }, outside)
  const { path } = await worktrees.ensure(1, branch)
  symlinkSync(outside, join(path, 'link'))
  await worktrees.remove(1)
  expect(existsSync(path)).toBe(false)
  symlinkSync(outside, path)
  expect(await worktrees.remove(1)).toBeUndefined()
  await expect(worktrees.ensure(1, branch)).rejects.toMatchObject({ code: 'path-taken' })
  expect(lstatSync(path).isSymbolicLink()).toBe(true)
  expect(fixture.read('precious.txt', outside)).toBe('mine\n')
})

test('Folders and worktrees that are not ours are not seen.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  await worktrees.ensure(2, 'feature/item-2')
  mkdirSync(join(fixture.worktrees, 'item-7'))
  fixture.git(['worktree', 'add', '--quiet', '-b', 'own', join(fixture.folder, 'item-9')])
  fixture.git(['worktree', 'add', '--quiet', '--detach', join(fixture.worktrees, 'merge')])
  expect(worktrees.all().map(({ item }) => item)).toEqual([2])
})

test('A reopened item gets a worktree on its new branch, and the old work is kept.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  await work(rooms, 1, { 'new.txt': 'new\n' })
  const { path } = await worktrees.ensure(1, 'feature/item-1-2')
  expect(existsSync(join(path, 'new.txt'))).toBe(false)
  expect(fixture.git(['show', 'refs/huskies/recovery/item-1/1:new.txt'])).toBe('new')
})
