import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { Problem } from '../../../src/kernel/problem.ts'
import { GitTrunk } from '../../../src/pipeline/git/trunk.ts'
import type { Generate } from '../../../src/pipeline/programs/generate.ts'
import { GitRooms, squashOf, work } from '../../support/git-rooms.ts'
import type { Files } from '../../support/repository.ts'

async function open(files: Files, generate: Generate) {
  const rooms = GitRooms.open()
  const { fixture, setup, store } = rooms
  const trunk = new GitTrunk({
    ...{ repository: fixture.repository, directory: fixture.worktrees, setup, store, generate },
    ...{ clock: systemClock, log: silentLog },
  })
  return { fixture, setup, trunk, branch: await work(rooms, 1, files) }
}

test('What is made of the files is a part of what is judged, and lands with it.', async () => {
  const { fixture, trunk, branch, setup } = await open({ 'readme.md': 'new\n' }, async (folder) => {
    const text = readFileSync(join(folder, 'readme.md'), 'utf8')
    fixture.write({ 'made/upper.txt': text.toUpperCase(), 'ignored/cache': 'cache\n' }, folder)
  })
  setup.fingerprint = 'install'
  setup.onSetUp = (folder) => fixture.write({ 'left by setup/[1].bin': 'x\n' }, folder)
  const made = await squashOf(trunk, branch)
  const judged = await trunk.checkOut(made)
  expect(fixture.read('made/upper.txt', judged)).toBe('NEW\n')
  expect((await trunk.land(1, made)).kind).toBe('landed')
  expect(fixture.git(['diff', '--name-only', 'main~1', 'main']).split('\n')).toEqual([
    'made/upper.txt',
    'readme.md',
  ])
  expect(fixture.read('made/upper.txt')).toBe('NEW\n')
  expect(fixture.status()).toBe('')
})

test('Nothing is made twice of the same tree.', async () => {
  const calls: string[] = []
  const { trunk, branch } = await open({ 'a.txt': 'a\n' }, async (folder) => {
    calls.push(folder)
    appendFileSync(join(folder, 'a.txt'), 'made\n')
  })
  const first = await squashOf(trunk, branch)
  expect((await squashOf(trunk, branch)).tree).toBe(first.tree)
  expect(calls).toHaveLength(1)
})

test('What is undone by being made anew changes nothing; what cannot be made is said.', async () => {
  const undone = await open({ 'readme.md': 'edited by hand\n' }, async (folder) =>
    undone.fixture.write({ 'readme.md': '# Sample\n' }, folder),
  )
  expect(await undone.trunk.squash(undone.branch, 's')).toEqual({ kind: 'empty-diff' })
  const failing = await open({ 'a.txt': 'a\n' }, async () => {
    throw new Problem('generate-failed', 'no generator')
  })
  await expect(failing.trunk.squash(failing.branch, 's')).rejects.toThrow('no generator')
})
