import { expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { GitTrunk } from '../../../src/pipeline/git/trunk.ts'
import { GitWorktrees } from '../../../src/pipeline/git/worktrees.ts'
import type { Squash } from '../../../src/pipeline/trunk.ts'
import { migrate } from '../../../src/store/migrations.ts'
import { Store } from '../../../src/store/store.ts'
import { FakeSetup } from '../../support/fake-setup.ts'
import { RepositoryFixture } from '../../support/repository.ts'

async function open() {
  const fixture = new RepositoryFixture()
  const setup = new FakeSetup()
  const store = Store.open(':memory:')
  migrate(store, 0)
  const common = { directory: fixture.worktrees, setup, clock: systemClock }
  const repository = await fixture.open()
  const worktrees = new GitWorktrees({ repository, ...common })
  const trunk = new GitTrunk({ repository, store, log: silentLog, ...common })
  /** A worktree with one commit of these files. */
  const work = async (item: number, files: Record<string, string | null>) => {
    const branch = `feature/item-${item}`
    const { path } = await worktrees.ensure(item, branch)
    fixture.commit('work', files, path)
    return branch
  }
  const squash = async (branch: string): Promise<Squash> => {
    const result = await trunk.squash(branch, 'huskies: merge')
    if (result.kind !== 'squashed') throw new Error(`not squashed: ${result.kind}`)
    return result.squash
  }
  return { fixture, setup, store, worktrees, trunk, work, squash }
}

test('A squash lands as one commit on the base branch, and a clean checkout follows.', async () => {
  const { fixture, trunk, work, squash } = await open()
  const branch = await work(1, { 'new.txt': 'new\n', 'src/main.txt': null })
  const base = await trunk.head()
  const made = await squash(branch)
  expect(made.base).toBe(base)
  const path = await trunk.checkOut(made)
  expect(fixture.git(['rev-parse', 'HEAD'], path)).toBe(made.commit)
  expect(await trunk.land(1, made)).toEqual({ kind: 'landed', commit: made.commit })
  expect(await trunk.head()).toBe(made.commit)
  expect(fixture.git(['log', '-1', '--format=%s|%P|%an'])).toBe(`huskies: merge|${base}|Anna`)
  expect(fixture.status()).toBe('')
  expect(fixture.read('new.txt')).toBe('new\n')
  expect(await trunk.finish()).toEqual({ item: 1, commit: made.commit })
  trunk.forget(1)
  expect(await trunk.finish()).toBeUndefined()
})

test('A landing that would overwrite uncommitted changes waits, and names the files.', async () => {
  const { fixture, trunk, work, squash } = await open()
  const made = await squash(await work(1, { 'readme.md': 'new\n', 'new.txt': 'new\n' }))
  fixture.write({ 'readme.md': 'mine\n', 'new.txt': 'mine too\n' })
  const base = await trunk.head()
  expect(await trunk.land(1, made)).toEqual({
    kind: 'waiting',
    checkout: fixture.root,
    files: ['new.txt', 'readme.md'],
  })
  expect(await trunk.head()).toBe(base)
  expect(fixture.read('readme.md')).toBe('mine\n')
  expect(await trunk.finish()).toBeUndefined()
})
