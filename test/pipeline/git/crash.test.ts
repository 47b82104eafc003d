import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Landings } from '../../../src/pipeline/git/landings.ts'
import { GitRooms, squashOf, work } from '../../support/git-rooms.ts'
import type { Files } from '../../support/repository.ts'

const files = {
  'readme.md': 'new\n',
  'new.txt': 'new\n',
  'src/main.txt': null,
  'long.txt': 'short\n',
}

/** A landing that is about to begin, and the pieces of it that a crash may leave done. */
async function begun(more: Files = {}) {
  const rooms = GitRooms.open()
  const { fixture, store } = rooms
  const squash = await squashOf(rooms.trunk, await work(rooms, 1, { ...files, ...more }))
  const lock = join(fixture.root, '.git/index.lock')
  const note = () => new Landings(store).begin({ item: 1, ...squash }, 0)
  const takeLock = () => writeFileSync(lock, 'huskies\n')
  const move = () => fixture.git(['update-ref', 'refs/heads/main', squash.commit, squash.base])
  const restart = () => rooms.start().trunk
  return {
    fixture,
    squash,
    note,
    takeLock,
    move,
    restart,
    landed: { item: 1, commit: squash.commit },
  }
}

test('A crash before the base branch moved leaves it before, and no lock.', async () => {
  const { fixture, squash, note, takeLock, restart } = await begun()
  note()
  takeLock()
  const trunk = restart()
  expect(await trunk.finish()).toBeUndefined()
  expect(await trunk.head()).toBe(squash.base)
  fixture.commit('as ever', { 'other.txt': 'other\n' })
})

test('A crash right after the base branch moved: the checkout is brought along.', async () => {
  const { fixture, note, takeLock, move, restart, landed } = await begun()
  note()
  takeLock()
  move()
  expect(fixture.status()).not.toBe('')
  const trunk = restart()
  expect(await trunk.finish()).toEqual(landed)
  expect(fixture.status()).toBe('')
  expect(await trunk.finish()).toEqual(landed)
  trunk.forget(1)
  expect(await trunk.finish()).toBeUndefined()
})

test('A crash in the middle of the checkout: what is new stays, what is old follows.', async () => {
  const { fixture, note, takeLock, move, restart, landed } = await begun()
  note()
  takeLock()
  move()
  fixture.write({ 'readme.md': 'new\n', 'new.txt': 'new\n', 'src/main.txt': null })
  expect(await restart().finish()).toEqual(landed)
  expect(fixture.status()).toBe('')
  expect(fixture.read('long.txt')).toBe('short\n')
})

test('A folder that becomes a file is followed, however much of it is gone.', async () => {
  const { fixture, note, takeLock, move, restart, landed } = await begun({ src: 'now a file\n' })
  note()
  takeLock()
  move()
  fixture.write({ 'readme.md': 'new\n' })
  expect(await restart().finish()).toEqual(landed)
  expect(fixture.read('src')).toBe('now a file\n')
  expect(fixture.status()).toBe('')
})

test('What a person did after the crash is never overwritten.', async () => {
  const { fixture, note, takeLock, move, restart, landed } = await begun()
  note()
  takeLock()
  move()
  fixture.write({ 'readme.md': 'new\n', 'long.txt': 'mine\n', 'new.txt': 'mine too\n' })
  fixture.write({ 'src/main.txt': 'mine as well\n', 'own.txt': 'own\n' })
  expect(await restart().finish()).toEqual(landed)
  expect(fixture.read('long.txt')).toBe('mine\n')
  expect(fixture.read('new.txt')).toBe('mine too\n')
  expect(fixture.read('src/main.txt')).toBe('mine as well\n')
  expect(fixture.status().split('\n')).toEqual([
    ' M long.txt',
    ' M new.txt',
    '?? own.txt',
    '?? src/main.txt',
  ])
})

test("A file that a killed git had only begun to write is written whole; a longer one is a person's.", async () => {
  const more = { 'cut.txt': 'one\ntwo\nthree\n', 'crlf.txt': 'one\r\ntwo\r\n' }
  const { fixture, note, takeLock, move, restart, landed } = await begun(more)
  note()
  takeLock()
  move()
  fixture.write({ 'readme.md': '', 'new.txt': 'new\nand more\n' })
  fixture.write({ 'cut.txt': 'one\ntw', 'crlf.txt': 'one\r\n' })
  expect(await restart().finish()).toEqual(landed)
  expect(fixture.read('readme.md')).toBe('new\n')
  expect(fixture.read('cut.txt')).toBe('one\ntwo\nthree\n')
  expect(fixture.status()).toBe(' M new.txt')
})

test('A crash after the index was written: only the lock is left to be taken away.', async () => {
  const { fixture, note, takeLock, move, restart, landed } = await begun()
  note()
  move()
  fixture.git(['reset', '--quiet', '--hard'])
  takeLock()
  expect(await restart().finish()).toEqual(landed)
  fixture.commit('as ever')
})

test('A lock of another git is not taken away: the landing is finished once that is gone.', async () => {
  const { fixture, note, move, restart, landed } = await begun()
  note()
  move()
  const lock = join(fixture.root, '.git/index.lock')
  writeFileSync(lock, '')
  const trunk = restart()
  await expect(trunk.finish()).rejects.toMatchObject({ code: 'checkout-behind' })
  rmSync(lock)
  expect(await trunk.finish()).toEqual(landed)
  expect(fixture.status()).toBe('')
})

test('Somebody has committed on top of what had landed: it counts as landed all the same.', async () => {
  const { fixture, note, move, restart, landed } = await begun()
  note()
  move()
  fixture.git(['reset', '--quiet', '--hard'])
  fixture.commit('on top', { 'top.txt': 'top\n' })
  const head = fixture.git(['rev-parse', 'HEAD'])
  const trunk = restart()
  expect(await trunk.finish()).toEqual(landed)
  expect(await trunk.head()).toBe(head)
  expect(fixture.status()).toBe('')
})

test('What cannot be brought along is said in a sentence, and followed once it is out of the way.', async () => {
  const { fixture, note, move, restart, landed } = await begun({ 'way/new.txt': 'new\n' })
  note()
  move()
  fixture.write({ way: 'a file where a folder is to be\n' })
  const trunk = restart()
  await expect(trunk.finish()).rejects.toMatchObject({
    code: 'checkout-behind',
    message: expect.stringContaining('way'),
  })
  expect(fixture.read('way')).toBe('a file where a folder is to be\n')
  fixture.write({ way: null })
  expect(await trunk.finish()).toEqual(landed)
  expect(fixture.status()).toBe('')
})
