import { expect, test } from 'vitest'
import { GitBranchFacts } from '../../../src/pipeline/git/branch-facts.ts'
import { RepositoryFixture } from '../../support/repository.ts'

function open() {
  const fixture = new RepositoryFixture()
  return { fixture, facts: new GitBranchFacts(fixture.repository) }
}

test('the log goes back to the last tag, to what a person names, or to the beginning', async () => {
  const { fixture, facts } = open()
  fixture.commit('second')
  const subjects = async (since?: string) =>
    (await facts.log(since)).commits.map(({ subject }) => subject)
  expect(await facts.log()).toMatchObject({
    commits: [{ subject: 'second' }, { subject: 'first' }],
  })
  fixture.git(['tag', 'v1'])
  fixture.commit('third')
  fixture.commit('fourth')
  expect((await facts.log()).since).toBe('v1')
  expect(await subjects()).toEqual(['fourth', 'third'])
  expect(await subjects('main~1')).toEqual(['fourth'])
  expect(await subjects('main')).toEqual([])
  fixture.git(['checkout', '--quiet', '-b', 'elsewhere'])
  fixture.commit('not on main')
  expect(await subjects()).toEqual(['fourth', 'third'])
})

test('a name that is no commit is refused, and is never an option of git', async () => {
  const { facts } = open()
  for (const name of ['v9', '--all', '-h', '', 'main..main', 'main^{tree}'])
    await expect(facts.log(name), name).rejects.toMatchObject({ code: 'no-such-commit' })
})

test('the changes of a commit have every file with its lines, odd names and binaries too', async () => {
  const { fixture, facts } = open()
  const odd = 'ä "b"\tc.txt'
  fixture.commit('changes', {
    'src/main.txt': 'one\nTWO\nthree\nfour\n',
    [odd]: 'x\n',
    'picture.bin': new Uint8Array([0, 1, 2, 0]),
    'readme.md': null,
  })
  const changes = await facts.changes(fixture.git(['rev-parse', 'HEAD']))
  expect(changes?.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { path: 'picture.bin' },
    { path: 'readme.md', lines: { added: 0, removed: 1 } },
    { path: 'src/main.txt', lines: { added: 2, removed: 1 } },
    { path: odd, lines: { added: 1, removed: 0 } },
  ])
  expect(await facts.changes('0123456789012345678901234567890123456789')).toBeUndefined()
  expect(await facts.changes(fixture.git(['rev-list', '--max-parents=0', 'main']))).toHaveLength(4)
})

test('the state tells how far the base branch is from its upstream, and what is not committed', async () => {
  const { fixture, facts } = open()
  expect(await facts.state()).toMatchObject({
    base: 'main',
    head: { subject: 'first' },
    checkedOut: 'main',
    uncommitted: [],
  })
  expect((await facts.state()).upstream).toBeUndefined()
  const remote = `${fixture.folder}/remote.git`
  fixture.git(['clone', '--quiet', '--bare', fixture.root, remote])
  fixture.git(['remote', 'add', 'origin', remote])
  fixture.git(['fetch', '--quiet', 'origin'])
  fixture.git(['branch', '--quiet', '--set-upstream-to=origin/main', 'main'])
  fixture.commit('ours')
  fixture.write({ 'src/main.txt': 'changed\n', 'new file.txt': 'x' })
  fixture.git(['checkout', '--quiet', '--detach'])
  const { upstream, checkedOut, uncommitted } = await facts.state()
  expect(upstream).toEqual({ name: 'origin/main', ahead: 1, behind: 0 })
  expect(checkedOut).toBe(fixture.git(['rev-parse', 'HEAD']))
  expect(uncommitted).toEqual(['src/main.txt', 'new file.txt'])
})

test('the files are the text files of the base branch, the longest first', async () => {
  const { fixture, facts } = open()
  fixture.commit('more', { 'picture.bin': new Uint8Array([0, 1]), 'ä b.txt': 'x\n'.repeat(50) })
  fixture.write({ 'untracked.txt': 'x\n'.repeat(99) })
  expect(await facts.files()).toEqual([
    { path: 'ä b.txt', lines: 50 },
    { path: 'long.txt', lines: 40 },
    { path: 'src/main.txt', lines: 3 },
    { path: '.gitignore', lines: 2 },
    { path: 'readme.md', lines: 1 },
  ])
})

test('a branch is merged when it would bring nothing, also after it was squashed', async () => {
  const { fixture, facts } = open()
  fixture.git(['checkout', '--quiet', '-b', 'feature/item-1'])
  fixture.commit('work', { 'new.txt': 'new\n' })
  fixture.commit('more', { 'new.txt': 'newer\n' })
  expect(await facts.contains('feature/item-1')).toBe(false)
  fixture.git(['checkout', '--quiet', 'main'])
  fixture.git(['merge', '--quiet', '--squash', 'feature/item-1'])
  fixture.commit('squashed')
  fixture.commit('later', { 'readme.md': 'else\n' })
  expect(await facts.contains('feature/item-1')).toBe(true)
  expect(await facts.contains('feature/gone')).toBe(false)
})
