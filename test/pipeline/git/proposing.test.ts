import { expect, test } from 'vitest'
import type { OpenPullRequest } from '../../../src/pipeline/git/proposing-trunk.ts'
import { ProposingTrunk } from '../../../src/pipeline/git/proposing-trunk.ts'
import { Remote } from '../../../src/pipeline/git/remote.ts'
import { BareRemote } from '../../support/bare-remote.ts'
import { GitRooms, work } from '../../support/git-rooms.ts'

/** A judged squash of item 1, and pull requests that `open` opens. */
async function open(opener?: OpenPullRequest) {
  const rooms = GitRooms.open()
  const { fixture, store } = rooms
  const bare = new BareRemote(rooms)
  const start = async () =>
    new ProposingTrunk({
      ...{ store, remote: await Remote.of(fixture.repository), trunk: await bare.trunk() },
      open: opener,
    })
  const trunk = await start()
  const branch = await work(rooms, 1, { 'a.txt': 'a\n' })
  const squash = async () => {
    const result = await trunk.squash(branch, 'huskies: merge 1 story Add it')
    if (result.kind !== 'squashed') throw new Error(result.kind)
    return result.squash
  }
  return { fixture, bare, trunk, squash, start }
}

test('What was judged is pushed as a branch of its own; the base branch stays where it is.', async () => {
  const { bare, trunk, squash } = await open()
  const made = await squash()
  expect(await trunk.land(1, made)).toEqual({
    kind: 'proposed',
    sentence: 'It is ready: open a pull request of huskies/item-1 on origin, and merge it.',
  })
  expect(bare.git('rev-parse', 'huskies/item-1')).toBe(made.commit)
  expect(bare.log()).toEqual(['first'])
  expect(await trunk.finish()).toBeUndefined()
})

test('The program opens a pull request once, with the branch and the subject.', async () => {
  const calls: string[][] = []
  const { bare, trunk, squash, start } = await open(async (...call) => {
    calls.push(call)
    return calls.length === 1 ? 'gh could not open the pull request: no network' : undefined
  })
  const first = await trunk.land(1, await squash())
  expect(first).toMatchObject({
    sentence: expect.stringMatching(
      /^gh could not .* no network Or open a pull request of huskies/,
    ),
  })
  const merged = 'Waits until the pull request of huskies/item-1 is merged on origin.'
  expect(await (await start()).land(1, await squash())).toMatchObject({ sentence: merged })
  expect(await trunk.land(1, await squash())).toMatchObject({ sentence: merged })
  const call = ['huskies/item-1', 'huskies: merge 1 story Add it']
  expect(calls).toEqual([call, call])
  expect(bare.git('branch', '--list', 'huskies/*').trim()).toBe('huskies/item-1')
})

test('When the base branch has moved, what was judged on it takes the place of what was proposed.', async () => {
  const { bare, trunk, squash } = await open(async () => undefined)
  await trunk.land(1, await squash())
  bare.pushedByOther('theirs', { 'theirs.txt': 'theirs\n' })
  const again = await squash()
  await trunk.land(1, again)
  expect(bare.git('rev-parse', 'huskies/item-1')).toBe(again.commit)
  expect(bare.git('log', '--format=%s', 'huskies/item-1').split('\n')[1]).toBe('theirs')
})

test.each([
  ['merge', ['merge', '--quiet', '--no-ff', '-m', 'merged', 'origin/huskies/item-1']],
  ['squash', ['merge', '--quiet', '--squash', 'origin/huskies/item-1']],
  ['rebase', ['cherry-pick', 'origin/huskies/item-1']],
])('It has landed when people have merged it, by %s.', async (way, args) => {
  const { fixture, bare, trunk, squash, start } = await open()
  await trunk.land(1, await squash())
  bare.pushedByOther('before', { 'before.txt': 'before\n' })
  bare.byOther(['fetch', '--quiet'])
  bare.byOther(args)
  if (way === 'squash') bare.byOther(['commit', '--quiet', '-m', 'Add it (#1)'])
  bare.pushedByOther('after', { 'after.txt': 'after\n' })
  const restarted = await start()
  const found = await restarted.finish()
  expect(found?.item).toBe(1)
  expect(bare.git('log', '--format=%H', 'main')).toContain(found?.commit)
  expect(bare.git('show', '--format=', '--name-only', found?.commit ?? '')).toBe('a.txt')
  restarted.forget(1)
  expect(await restarted.finish()).toBeUndefined()
  expect(fixture.status()).toBe('')
})
