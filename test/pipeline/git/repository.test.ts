import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openRepository } from '../../../src/pipeline/git/repository.ts'
import { checkGitVersion } from '../../../src/pipeline/git/version.ts'
import { gitEnvironment, RepositoryFixture } from '../../support/repository.ts'

const environment = gitEnvironment

test('A fit repository is opened on the branch that is checked out, also from a folder inside it.', async () => {
  const fixture = new RepositoryFixture()
  const repository = await openRepository(join(fixture.root, 'src'), { environment })
  expect(repository).toMatchObject({
    root: fixture.root,
    commonDirectory: join(fixture.root, '.git'),
    base: 'main',
    baseRef: 'refs/heads/main',
    identity: { name: 'Anna', email: 'anna@example.org' },
  })
})

test('The settings may name another base branch, which must exist.', async () => {
  const fixture = new RepositoryFixture()
  fixture.git(['branch', 'trunk'])
  const open = (baseBranch: string) => openRepository(fixture.root, { baseBranch, environment })
  expect((await open('trunk')).baseRef).toBe('refs/heads/trunk')
  await expect(open('nowhere')).rejects.toMatchObject({ code: 'no-base-branch' })
})

test('A folder that is no repository, a bare one, an empty one and a detached one are each refused.', async () => {
  const fixture = new RepositoryFixture()
  const codeOf = (root: string) =>
    openRepository(root, { environment }).then(
      () => 'opened',
      (error) => error.code,
    )
  expect(await codeOf(fixture.folder)).toBe('no-repository')
  const bare = join(fixture.folder, 'bare')
  fixture.git(['init', '--quiet', '--bare', bare])
  expect(await codeOf(bare)).toBe('bare-repository')
  const empty = join(fixture.folder, 'empty')
  fixture.git(['init', '--quiet', empty])
  expect(await codeOf(empty)).toBe('no-commits')
  fixture.git(['checkout', '--quiet', '--detach'])
  expect(await codeOf(fixture.root)).toBe('no-base-branch')
})

test('Without a name to commit under, the sentence gives the two commands.', async () => {
  const fixture = new RepositoryFixture()
  fixture.git(['config', '--unset', 'user.email'])
  await expect(openRepository(fixture.root, { environment })).rejects.toMatchObject({
    code: 'no-identity',
    message: expect.stringMatching(
      /git config --global user.name .* git config --global user.email/,
    ),
  })
})

test('Old gits are refused by name; 2.38 and whatever follows are not.', () => {
  for (const text of [
    'git version 2.38.0',
    'git version 2.39.5 (Apple Git-154)',
    'git version 3.0.0',
  ])
    checkGitVersion(text)
  for (const text of ['git version 2.37.9', 'git version 1.9.1'])
    expect(() => checkGitVersion(text)).toThrow(text.slice('git version '.length))
})

test('The git that comes first in PATH is the one that is judged; none at all is said too.', async () => {
  const fixture = new RepositoryFixture()
  const programs = join(fixture.folder, 'bin')
  mkdirSync(programs)
  writeFileSync(join(programs, 'git'), '#!/bin/sh\necho git version 2.30.2\n')
  chmodSync(join(programs, 'git'), 0o755)
  const open = (path: string) =>
    openRepository(fixture.root, { environment: { ...environment, PATH: path } })
  await expect(open(`${programs}:${environment.PATH}`)).rejects.toMatchObject({
    code: 'old-git',
    message: 'git 2.30.2 is too old: install git 2.38 or newer.',
  })
  await expect(open('/nonexistent')).rejects.toMatchObject({ code: 'no-git' })
})
