import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { GitWorktrees } from '../../../src/pipeline/git/worktrees.ts'
import { FakeSetup } from '../../support/fake-setup.ts'
import { RepositoryFixture } from '../../support/repository.ts'

async function open() {
  const fixture = new RepositoryFixture()
  const setup = new FakeSetup()
  const reopen = async () =>
    new GitWorktrees({
      repository: await fixture.open(),
      directory: fixture.worktrees,
      setup,
      clock: systemClock,
    })
  return { fixture, setup, worktrees: await reopen(), reopen }
}

test('An item gets a locked worktree outside the checkout, on a new branch without upstream.', async () => {
  const { fixture, worktrees } = await open()
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

test('Its state tells commits and uncommitted files, and names a tree that changes with the work.', async () => {
  const { fixture, worktrees } = await open()
  const { path } = await worktrees.ensure(1, 'feature/item-1')
  const fresh = await worktrees.state(1)
  expect(fresh).toMatchObject({ branch: 'feature/item-1', ahead: 0, uncommitted: [] })
  fixture.write({ 'new.txt': 'new\n', 'readme.md': 'changed\n', 'a.log': 'ignored\n' }, path)
  const dirty = await worktrees.state(1)
  expect(dirty.uncommitted).toEqual(['new.txt', 'readme.md'])
  expect(dirty.fingerprint).not.toBe(fresh.fingerprint)
  expect(fixture.status(path)).toBe(' M readme.md\n?? new.txt')
  const head = fixture.commit('work', {}, path)
  expect(await worktrees.state(1)).toEqual({
    branch: 'feature/item-1',
    head,
    ahead: 1,
    uncommitted: [],
    fingerprint: dirty.fingerprint,
  })
})

test('Forty worktrees asked for in groups of eight are all made.', async () => {
  const { worktrees } = await open()
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
