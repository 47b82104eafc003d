import {
  chmodSync,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { GitRooms, work } from '../../support/git-rooms.ts'

const branch = 'feature/item-1'
const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256)

test('What is removed comes back byte for byte: commits, edits, new files, modes and links.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  fixture.commit('attributes', {
    '.gitattributes': '* text=auto\n*.dos text eol=crlf\n*.id ident\n',
    'kept.dos': 'one\r\ntwo\r\n',
  })
  await work(rooms, 1, { 'committed.txt': 'committed\n' })
  const { path } = await worktrees.ensure(1, branch)
  const files = {
    'mixed.txt': 'unix\ndos\r\nmac\r',
    'crlf.txt': 'one\r\ntwo\r\n',
    'unix.dos': 'one\ntwo\n',
    'a.id': '$Id: kept as it is$\n',
    'binary.bin': bytes,
    'umlaut ä "quoted".txt': 'name\n',
    'deep/er/file': 'deep\n',
    'run.sh': '#!/bin/sh\n',
    'readme.md': null,
  }
  fixture.write(files, path)
  chmodSync(join(path, 'run.sh'), 0o755)
  symlinkSync('/nowhere/at all', join(path, 'link'))
  fixture.git(['add', 'crlf.txt'], path)
  const tip = fixture.git(['rev-parse', branch])

  const ref = await worktrees.remove(1)
  expect(ref).toBe('refs/huskies/recovery/item-1/1')
  expect(existsSync(path)).toBe(false)
  expect(worktrees.all()).toEqual([])
  expect(fixture.git(['branch', '--list', branch])).toBe('')
  expect(fixture.git(['worktree', 'list']).split('\n')).toHaveLength(1)

  expect(await worktrees.recover(1)).toEqual({ item: 1, path, branch, recovered: true })
  expect(fixture.git(['rev-parse', branch])).toBe(tip)
  expect(fixture.git(['symbolic-ref', '--short', 'HEAD'], path)).toBe(branch)
  for (const [name, content] of Object.entries(files))
    if (content === null) expect(existsSync(join(path, name))).toBe(false)
    else expect(readFileSync(join(path, name))).toEqual(Buffer.from(content))
  expect(lstatSync(join(path, 'run.sh')).mode & 0o111).toBe(0o111)
  expect(readlinkSync(join(path, 'link'))).toBe('/nowhere/at all')
  expect(readFileSync(join(path, 'kept.dos'), 'utf8')).toBe('one\r\ntwo\r\n')
  expect(fixture.git(['rev-list', '--count', 'HEAD'], path)).toBe('3')
})

test('The work of an agent that left its branch is kept too.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  await work(rooms, 1, { 'first.txt': 'first\n' })
  const { path } = await worktrees.ensure(1, branch)
  fixture.git(['checkout', '--quiet', '--detach'], path)
  fixture.commit('detached', { 'second.txt': 'second\n' }, path)
  const lost = fixture.git(['rev-parse', 'HEAD'], path)
  const ref = await worktrees.remove(1)
  expect(fixture.git(['merge-base', '--is-ancestor', lost, ref ?? ''])).toBe('')
  await worktrees.recover(1)
  expect(fixture.read('second.txt', path)).toBe('second\n')
  expect(fixture.status(path)).toBe('?? second.txt')
})

test('The newest removed work is what comes back; there may be none, or a worktree in its place.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  expect(await worktrees.recover(1)).toBeUndefined()
  expect(await worktrees.remove(1)).toBeUndefined()
  for (const [index, text] of ['old\n', 'new\n'].entries()) {
    const { path } = await worktrees.ensure(1, branch)
    fixture.write({ 'work.txt': text }, path)
    expect(await worktrees.remove(1)).toBe(`refs/huskies/recovery/item-1/${index + 1}`)
  }
  const found = await worktrees.recover(1)
  expect(fixture.read('work.txt', found?.path)).toBe('new\n')
  await expect(worktrees.recover(1)).rejects.toMatchObject({ code: 'worktree-exists' })
})

test('A removal that a crash cut short goes on, and what it had begun to delete is not stored.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  await work(rooms, 1, { 'work.txt': 'work\n' })
  const { path } = await worktrees.ensure(1, branch)
  fixture.write({ 'draft.txt': 'draft\n' }, path)
  const admin = join(fixture.root, '.git/worktrees/item-1')
  const index = readFileSync(join(admin, 'index'))
  const head = readFileSync(join(admin, 'HEAD'))
  const gitdir = readFileSync(join(admin, 'gitdir'))
  const common = readFileSync(join(admin, 'commondir'))
  const ref = (await worktrees.remove(1)) ?? ''
  const commit = fixture.git(['rev-parse', ref])

  // As the crash would have left it: half of the files, and the note that all of it is stored.
  fixture.write({ 'draft.txt': 'draft\n' }, path)
  fixture.write({ index, HEAD: head, gitdir, commondir: common }, admin)
  const mark = { phase: 'removing', branch, saved: { ref, commit } }
  writeFileSync(join(admin, 'huskies.json'), JSON.stringify(mark))

  const restarted = rooms.start()
  expect(restarted.worktrees.all()).toHaveLength(1)
  expect(await restarted.worktrees.remove(1)).toBe(ref)
  expect(existsSync(path)).toBe(false)
  expect(fixture.git(['for-each-ref', '--format=%(refname)', 'refs/huskies'])).toBe(ref)
  const found = await restarted.worktrees.recover(1)
  expect(fixture.read('work.txt', found?.path)).toBe('work\n')
  expect(fixture.read('draft.txt', found?.path)).toBe('draft\n')
})

test('Where somebody deleted the files, the commits are still stored.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  await work(rooms, 1, { 'work.txt': 'work\n' })
  rmSync(join(fixture.worktrees, 'item-1'), { recursive: true })
  const ref = await worktrees.remove(1)
  expect(fixture.git(['show', `${ref}:work.txt`])).toBe('work')
  expect(fixture.git(['branch', '--list', branch])).toBe('')
})

test('A repository inside the worktree whose work is nowhere else keeps it from being removed.', async () => {
  const { fixture, worktrees } = GitRooms.open()
  const { path } = await worktrees.ensure(1, branch)
  const inner = join(path, 'inner')
  fixture.git(['init', '--quiet', inner])
  await expect(worktrees.remove(1)).rejects.toMatchObject({ code: 'nested-repository' })
  fixture.git(['config', 'user.name', 'Anna'], inner)
  fixture.git(['config', 'user.email', 'anna@example.org'], inner)
  fixture.commit('inner', { 'a.txt': 'a\n' }, inner)
  await expect(worktrees.remove(1)).rejects.toMatchObject({ code: 'nested-repository' })
  expect(fixture.read('a.txt', inner)).toBe('a\n')
  expect(fixture.git(['branch', '--list', branch])).toContain(branch)
  rmSync(inner, { recursive: true })
  expect(await worktrees.remove(1)).toBeDefined()
})
