import { expect, test } from 'vitest'
import { UncommittedWork } from '../../src/agents/reconcilers/uncommitted-work.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeWorktrees } from '../support/fake-worktrees.ts'

/** A worktree of item 1, and who works there. */
async function watching() {
  const worktrees = new FakeWorktrees({ clock: new FakeClock() })
  await worktrees.ensure(1, 'feature/item-1')
  const active: { item: number }[] = []
  const asked: number[] = []
  const work = new UncommittedWork({
    runs: {
      active: () => active as never,
      activeOf: (id) => active.find(({ item }) => item === id) as never,
    },
    worktrees: {
      changes: (item) => {
        asked.push(item)
        return worktrees.changes(item)
      },
    },
  })
  return { worktrees, active, asked, work }
}

test('what is uncommitted is known while somebody works there, and asked for again soon', async () => {
  const { worktrees, active, work } = await watching()
  active.push({ item: 1 })
  worktrees.edit(1, 'a.txt', 'one')
  expect(work.keys()).toEqual(['1'])
  expect(work.of(1)).toBeUndefined()
  expect(await work.reconcile('1')).toEqual({ afterMs: 10_000 })
  expect(work.of(1)).toEqual({ modified: 0, added: 1 })
  worktrees.commit(1)
  worktrees.edit(1, 'a.txt', 'two')
  await work.reconcile('1')
  expect(work.of(1)).toEqual({ modified: 1, added: 0 })
})

test('where nobody works git is asked nothing, and nothing is remembered', async () => {
  const { active, asked, work } = await watching()
  active.push({ item: 1 })
  await work.reconcile('1')
  active.pop()
  expect(work.keysOf(1)).toEqual(['1'])
  expect(await work.reconcile('1')).toBeUndefined()
  expect([work.of(1), ...work.keys(), ...work.keysOf(1), ...work.keysOf(2)]).toEqual([undefined])
  expect(asked).toEqual([1])
})
