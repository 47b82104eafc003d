import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { GitRooms, squashOf, work } from '../../support/git-rooms.ts'
import type { Files } from '../../support/repository.ts'

async function prepared(files: Files) {
  const rooms = GitRooms.open()
  const squash = await squashOf(rooms.trunk, await work(rooms, 1, files))
  const { fixture } = rooms
  const lock = join(fixture.root, '.git/index.lock')
  return { ...rooms, fixture, rooms, squash, lock }
}

describe('A person at work in the checkout', () => {
  test('keeps every uncommitted change of other files, staged or not, byte for byte.', async () => {
    const { fixture, trunk, squash } = await prepared({ 'new.txt': 'new\n', 'src/main.txt': 'x\n' })
    fixture.write({ 'readme.md': 'mine\r\n', 'notes/own.txt': 'mine\n', 'a.log': 'ignored\n' })
    fixture.write({ 'long.txt': 'staged\n' })
    fixture.git(['add', 'long.txt'])
    fixture.write({ 'long.txt': 'staged, then edited\n' })
    const before = fixture.status()
    expect((await trunk.land(1, squash)).kind).toBe('landed')
    expect(fixture.status()).toBe(before)
    expect(fixture.git(['show', ':long.txt'])).toBe('staged')
    expect(fixture.read('long.txt')).toBe('staged, then edited\n')
    expect(fixture.read('readme.md')).toBe('mine\r\n')
    expect(fixture.read('notes/own.txt')).toBe('mine\n')
    expect(fixture.read('new.txt')).toBe('new\n')
  })

  const cases: readonly (readonly [
    string,
    Files,
    (f: Awaited<ReturnType<typeof prepared>>) => void,
    string[],
  ])[] = [
    [
      'an edit',
      { 'readme.md': 'new\n' },
      ({ fixture }) => fixture.write({ 'readme.md': 'mine\n' }),
      ['readme.md'],
    ],
    [
      'a staged edit',
      { 'readme.md': 'new\n' },
      ({ fixture }) => {
        fixture.write({ 'readme.md': 'mine\n' })
        fixture.git(['add', '.'])
      },
      ['readme.md'],
    ],
    [
      'an edit of a file that goes',
      { 'readme.md': null },
      ({ fixture }) => fixture.write({ 'readme.md': 'mine\n' }),
      ['readme.md'],
    ],
    [
      'a deletion that is not staged',
      { 'readme.md': 'new\n' },
      ({ fixture }) => fixture.write({ 'readme.md': null }),
      ['readme.md'],
    ],
    [
      'a deletion',
      { 'readme.md': 'new\n' },
      ({ fixture }) => fixture.git(['rm', '-q', 'readme.md']),
      ['readme.md'],
    ],
    [
      'an untracked file',
      { 'new.txt': 'new\n' },
      ({ fixture }) => fixture.write({ 'new.txt': 'mine\n' }),
      ['new.txt'],
    ],
    [
      'an ignored file',
      { '.gitignore': '', 'a.log': 'new\n' },
      ({ fixture }) => fixture.write({ 'a.log': 'mine\n' }),
      ['a.log'],
    ],
    [
      'a folder with an ignored file',
      { 'src/main.txt': null, src: 'now a file\n' },
      ({ fixture }) => fixture.write({ 'src/a.log': 'mine\n' }),
      ['src/a.log'],
    ],
    [
      'a file where a folder is to be',
      { 'way/new.txt': 'new\n' },
      ({ fixture }) => fixture.write({ way: 'mine\n' }),
      ['way'],
    ],
    [
      'several',
      { 'readme.md': 'new\n', 'long.txt': 'new\n', 'new.txt': 'new\n' },
      ({ fixture }) =>
        fixture.write({
          'readme.md': 'mine\n',
          'long.txt': 'mine\n',
          'new.txt': 'mine\n',
          'other.txt': 'mine\n',
        }),
      ['long.txt', 'new.txt', 'readme.md'],
    ],
  ]
  test.each(cases)(
    'is waited for where it would be overwritten: %s.',
    async (_, files, change, named) => {
      const ready = await prepared(files)
      const { fixture, trunk, squash, lock } = ready
      change(ready)
      const before = [fixture.status(), fixture.git(['rev-parse', 'main', 'HEAD'])]
      const contents = named.map(
        (name) => existsSync(join(fixture.root, name)) && fixture.read(name),
      )
      expect(await trunk.land(1, squash)).toEqual({
        kind: 'waiting',
        checkout: fixture.root,
        files: named,
      })
      expect([fixture.status(), fixture.git(['rev-parse', 'main', 'HEAD'])]).toEqual(before)
      expect(
        named.map((name) => existsSync(join(fixture.root, name)) && fixture.read(name)),
      ).toEqual(contents)
      expect(existsSync(lock)).toBe(false)
      expect(await trunk.finish()).toBeUndefined()
    },
  )

  test('is not waited for where files were only touched.', async () => {
    const { fixture, trunk, squash } = await prepared({ 'readme.md': 'new\n', 'long.txt': null })
    const moment = new Date('2020-01-01')
    for (const name of ['readme.md', 'long.txt', 'src/main.txt'])
      utimesSync(join(fixture.root, name), moment, moment)
    expect((await trunk.land(1, squash)).kind).toBe('landed')
    expect([fixture.read('readme.md'), fixture.status()]).toEqual(['new\n', ''])
  })

  test('is not waited for where a sparse checkout leaves files out.', async () => {
    const { fixture, trunk, squash } = await prepared({
      'readme.md': 'new\n',
      'src/main.txt': 'x\n',
    })
    fixture.git(['update-index', '--refresh'])
    fixture.git(['sparse-checkout', 'set', '--no-cone', '/*', '!/src/'])
    expect(existsSync(join(fixture.root, 'src/main.txt'))).toBe(false)
    expect((await trunk.land(1, squash)).kind).toBe('landed')
    expect(existsSync(join(fixture.root, 'src/main.txt'))).toBe(false)
    expect([fixture.read('readme.md'), fixture.status()]).toEqual(['new\n', ''])
  })

  test('is not waited for where a tracked file becomes a folder.', async () => {
    const { fixture, trunk, squash } = await prepared({ 'readme.md': null, 'readme.md/x': 'x\n' })
    expect((await trunk.land(1, squash)).kind).toBe('landed')
    expect(fixture.read('readme.md/x')).toBe('x\n')
    expect(fixture.status()).toBe('')
  })

  test('is not waited for where a folder of tracked files becomes a file.', async () => {
    const { fixture, trunk, squash } = await prepared({ 'src/main.txt': null, src: 'now a file\n' })
    expect((await trunk.land(1, squash)).kind).toBe('landed')
    expect(fixture.read('src')).toBe('now a file\n')
    expect(fixture.status()).toBe('')
  })

  test('is waited for during a merge and while a git of theirs is at work.', async () => {
    const { fixture, trunk, squash, lock } = await prepared({ 'new.txt': 'new\n' })
    writeFileSync(lock, '')
    expect(await trunk.land(1, squash)).toMatchObject({
      kind: 'waiting',
      because: expect.stringMatching(/^another git holds .*\.git\/index\.lock; delete that file/),
    })
    expect(readFileSync(lock, 'utf8')).toBe('')
    rmSync(lock)
    fixture.git(['checkout', '-q', '-b', 'side'])
    fixture.commit('side', { 'side.txt': 'side\n' })
    fixture.git(['checkout', '-q', 'main'])
    fixture.git(['merge', '-q', '--no-ff', '--no-commit', 'side'])
    expect(await trunk.land(1, squash)).toMatchObject({
      kind: 'waiting',
      because: 'a merge is under way',
    })
    fixture.git(['merge', '--abort'])
    expect((await trunk.land(1, squash)).kind).toBe('landed')
  })

  test('is waited for during a rebase of the base branch, though it is detached then.', async () => {
    const { fixture, trunk, squash } = await prepared({ 'new.txt': 'new\n' })
    fixture.git(['branch', 'side'])
    fixture.commit('mine', { 'readme.md': 'mine\n' })
    fixture.git(['checkout', '-q', 'side'])
    fixture.commit('theirs', { 'readme.md': 'theirs\n' })
    fixture.git(['checkout', '-q', 'main'])
    expect(() => fixture.git(['rebase', 'side'])).toThrow()
    expect(await trunk.land(1, squash)).toMatchObject({
      kind: 'waiting',
      because: 'a rebase is under way',
    })
    fixture.git(['rebase', '--abort'])
  })
})

test('All checkouts of the base branch are brought along, or none is.', async () => {
  const { fixture, trunk, squash } = await prepared({ 'readme.md': 'new\n' })
  const second = join(fixture.folder, 'second')
  fixture.git(['worktree', 'add', '-q', '--force', second, 'main'])
  fixture.write({ 'readme.md': 'mine\n' }, second)
  expect(await trunk.land(1, squash)).toEqual({
    kind: 'waiting',
    checkout: second,
    files: ['readme.md'],
  })
  expect(fixture.read('readme.md')).toBe('# Sample\n')
  fixture.git(['checkout', 'readme.md'], second)
  expect((await trunk.land(1, squash)).kind).toBe('landed')
  expect([fixture.status(), fixture.status(second)]).toEqual(['', ''])
  expect(fixture.read('readme.md', second)).toBe('new\n')
})

test('A checkout of the base branch that is away is waited for if it is locked, else forgotten.', async () => {
  const { fixture, trunk, squash } = await prepared({ 'readme.md': 'new\n' })
  const away = join(fixture.folder, 'away')
  fixture.git(['worktree', 'add', '-q', '--force', '--lock', away, 'main'])
  rmSync(away, { recursive: true })
  expect(await trunk.land(1, squash)).toMatchObject({ checkout: away, because: 'it is not there' })
  fixture.git(['worktree', 'unlock', away])
  expect((await trunk.land(1, squash)).kind).toBe('landed')
})
