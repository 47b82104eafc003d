import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createLog, silentLog } from '../../../src/kernel/log.ts'
import { LockFiles } from '../../../src/pipeline/git/lock-files.ts'
import { BareRemote } from '../../support/bare-remote.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { GitRooms, squashOf, work } from '../../support/git-rooms.ts'

const old = 11 * 60

describe('A lock that a killed git has left', () => {
  test.each(['refs/heads/main.lock', 'HEAD.lock'])(
    "is waited for while it may be somebody's, then removed, and the item lands: %s.",
    async (name) => {
      const rooms = GitRooms.open()
      const { fixture, trunk } = rooms
      const made = await squashOf(trunk, await work(rooms, 1, { 'new.txt': 'new\n' }))
      const lock = fixture.lock(name)
      await expect(trunk.land(1, made)).rejects.toMatchObject({
        code: 'git-locked',
        message: `Another git holds ${lock}: let it end, or delete that file if none is at work. When it is ten minutes old, it is removed.`,
      })
      expect(await trunk.head()).toBe(made.base)
      expect(existsSync(join(fixture.root, '.git/index.lock'))).toBe(false)
      fixture.lock(name, old)
      expect(await trunk.land(1, made)).toMatchObject({ kind: 'landed' })
      expect([existsSync(lock), fixture.status()]).toEqual([false, ''])
    },
  )

  test('is removed however many there are, before a branch is made or deleted.', async () => {
    const { fixture, worktrees } = GitRooms.open()
    const branch = 'feature/item-1'
    fixture.lock(`refs/heads/${branch}.lock`, old)
    await worktrees.ensure(1, branch)
    fixture.git(['pack-refs', '--all'])
    for (const name of ['packed-refs.lock', 'packed-refs.new', `refs/heads/${branch}.lock`])
      fixture.lock(name, old)
    expect(await worktrees.remove(1)).toBe('refs/huskies/recovery/item-1/1')
    expect(fixture.git(['branch', '--list', branch])).toBe('')
  })

  test("is removed where the remote's branch is noted.", async () => {
    const rooms = GitRooms.open()
    const remote = new BareRemote(rooms)
    const trunk = await remote.trunk()
    const branch = await work(rooms, 1, { 'a.txt': 'a\n' })
    rooms.fixture.lock('refs/remotes/origin/main.lock', old)
    const made = await trunk.squash(branch, 'huskies: merge')
    if (made.kind !== 'squashed') throw new Error(made.kind)
    rooms.fixture.lock('refs/remotes/origin/main.lock', old)
    expect(await trunk.land(1, made.squash)).toMatchObject({ kind: 'landed' })
  })

  test('is removed from the merge worktree, which is ours alone, as soon as its git must be dead.', async () => {
    const rooms = GitRooms.open()
    const { fixture, trunk } = rooms
    const made = await squashOf(trunk, await work(rooms, 1, { 'new.txt': 'new\n' }))
    const path = await trunk.checkOut(made)
    for (const name of ['index', 'HEAD', 'ORIG_HEAD'])
      fixture.lock(`worktrees/merge/${name}.lock`, 6)
    await trunk.checkOut(made)
    expect(fixture.status(path)).toBe('')
    expect(fixture.read('new.txt', path)).toBe('new\n')
  })

  test('is no hindrance where it is on a copy that only this program makes.', async () => {
    const rooms = GitRooms.open()
    const { fixture, worktrees } = rooms
    await work(rooms, 1, { 'a.txt': 'a\n' })
    for (let count = 1; count < 40; count++)
      fixture.lock(`worktrees/item-1/huskies-index-${process.pid}-${count}.lock`)
    expect(await worktrees.state(1)).toMatchObject({ ahead: 1, uncommitted: [] })
    expect(fixture.status(worktrees.find(1)?.path)).toBe('')
  })
})

describe('Whose a lock is', () => {
  function open(upSecs: number) {
    const { fixture } = GitRooms.open()
    const lines: string[] = []
    const log = createLog({ write: (line) => lines.push(line) })
    const clock = new FakeClock(Date.now())
    const locks = new LockFiles({ clock, log, upMs: () => upSecs * 1000 })
    return { fixture, locks, lines, clock }
  }

  test('is told by its age: nobody writes a ref for ten minutes, nor through a restart of the machine.', () => {
    const { fixture, locks, lines } = open(90)
    const young = fixture.lock('refs/heads/main.lock', 80)
    expect([locks.release(young), existsSync(young)]).toEqual([false, true])
    const before = fixture.lock('refs/heads/main.lock', 100)
    expect([locks.release(before), existsSync(before)]).toEqual([true, false])
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 40, lock: before })
    expect(locks.release(before)).toBe(true)
    expect(lines).toHaveLength(1)
  })

  test("is nobody's guess for an index, which an editor keeps, or a fetch's.", () => {
    const { fixture, locks } = open(90)
    for (const name of ['index.lock', 'shallow.lock', 'config.lock']) {
      const lock = fixture.lock(name, 100_000)
      expect([locks.release(lock), existsSync(lock)]).toEqual([false, true])
    }
  })

  test('is not waited for in vain where the clock was put back.', async () => {
    const { fixture, clock } = open(90)
    const locks = new LockFiles({ clock, log: silentLog })
    const lock = fixture.lock('index.lock', -3_600)
    const cleared = locks.clear(join(fixture.root, '.git'))
    for (let waited = 0; existsSync(lock) && waited < 200; waited++) {
      clock.advance(50)
      await new Promise(setImmediate)
    }
    await cleared
    expect(existsSync(lock)).toBe(false)
  })
})

test('An index that another git writes is never taken from it: the command is refused with a sentence.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  await work(rooms, 1, { 'a.txt': 'a\n' })
  fixture.commit('ours', { 'b.txt': 'b\n' })
  const lock = fixture.lock('worktrees/item-1/index.lock', 100_000)
  writeFileSync(lock, 'theirs')
  await expect(worktrees.mergeBase(1)).rejects.toMatchObject({
    code: 'git-locked',
    message: `Another git holds ${lock}: let it end, or delete that file if none is at work.`,
  })
  expect(readFileSync(lock, 'utf8')).toBe('theirs')
})

test('The locks of whoever was killed while it worked there go, and those of others stay.', async () => {
  const rooms = GitRooms.open()
  const { fixture, worktrees } = rooms
  const branch = await work(rooms, 1, { 'a.txt': 'a\n' })
  const index = fixture.lock('worktrees/item-1/index.lock', 100)
  const ref = fixture.lock(`refs/heads/${branch}.lock`, 100)
  const editors = fixture.lock('worktrees/item-1/HEAD.lock', 10)
  const [now, second] = [Date.now(), 1_000]
  worktrees.unlock(1, [{ from: now - 300 * second, to: now - 200 * second }])
  expect([index, ref, editors].map((lock) => existsSync(lock))).toEqual([true, true, true])
  worktrees.unlock(1, [{ from: now - 110 * second, to: now - 90 * second }])
  expect([index, ref, editors].map((lock) => existsSync(lock))).toEqual([false, false, true])
  worktrees.unlock(7, [{ from: 0, to: now }])
})
