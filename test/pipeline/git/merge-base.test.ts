import { expect, test } from 'vitest'
import { GitRooms, work } from '../../support/git-rooms.ts'

async function open() {
  const rooms = GitRooms.open()
  await work(rooms, 1, { 'readme.md': 'theirs\n', 'own.txt': 'own\n' })
  const path = rooms.worktrees.find(1)?.path ?? ''
  return { ...rooms, rooms, path }
}

test('What goes together is merged and committed, whatever the person has configured.', async () => {
  const { fixture, worktrees, path } = await open()
  fixture.git(['config', 'commit.gpgsign', 'true'])
  fixture.git(['config', 'merge.ff', 'only'])
  fixture.git(['commit', '--quiet', '--no-gpg-sign', '--allow-empty', '-m', 'ours'])
  expect(await worktrees.mergeBase(1)).toEqual([])
  expect(fixture.git(['log', '-1', '--format=%s|%an'], path)).toBe('Merge branch main|Anna')
  expect(fixture.status(path)).toBe('')
  const head = fixture.git(['rev-parse', 'HEAD'], path)
  expect(await worktrees.mergeBase(1)).toEqual([])
  expect(fixture.git(['rev-parse', 'HEAD'], path)).toBe(head)
})

test('Conflicts are left in the worktree, and named again however often it is asked.', async () => {
  const { fixture, worktrees, path } = await open()
  fixture.commit('ours', { 'readme.md': 'ours\n' })
  expect(await worktrees.mergeBase(1)).toEqual(['readme.md'])
  expect(fixture.read('readme.md', path)).toMatch(/<<<<<<<.*theirs.*=======.*ours.*>>>>>>>/s)
  expect(await worktrees.mergeBase(1)).toEqual(['readme.md'])
})

test('What is not committed is left alone.', async () => {
  const { fixture, worktrees, path } = await open()
  fixture.commit('ours', { 'readme.md': 'ours\n' })
  fixture.write({ 'notes.txt': 'mine\n' }, path)
  expect(await worktrees.mergeBase(1)).toEqual([])
  expect(fixture.status(path)).toBe('?? notes.txt')
})
