import { expect, test } from 'vitest'
import { ProposingTrunk } from '../../../src/pipeline/git/proposing-trunk.ts'
import type { Opened, PullRequests } from '../../../src/pipeline/git/pull-requests.ts'
import { Remote } from '../../../src/pipeline/git/remote.ts'
import { BareRemote } from '../../support/bare-remote.ts'
import { GitRooms, work } from '../../support/git-rooms.ts'

/** A judged squash of item 1, and pull requests that `open` opens. */
async function open(pullRequests?: PullRequests) {
  const rooms = GitRooms.open()
  const { fixture, store } = rooms
  const bare = new BareRemote(rooms)
  const start = async () =>
    new ProposingTrunk({
      ...{ store, remote: await Remote.of(fixture.repository), trunk: await bare.trunk() },
      pullRequests,
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

/** A network on which the results of opening are these, one after the other. */
function network(results: readonly (Opened | Error)[], isOpen?: () => boolean) {
  const calls: string[][] = []
  const pullRequests: PullRequests = {
    async open(...call) {
      const result = results[calls.length] ?? { kind: 'opened' }
      calls.push(call)
      if (result instanceof Error) throw result
      return result
    },
    isOpen: async () => isOpen?.(),
  }
  return { calls, pullRequests }
}

const waits = {
  sentence: 'Waits until the pull request of huskies/item-1 is merged on origin.',
}
const call = ['huskies/item-1', 'huskies: merge 1 story Add it']

test('The program opens a pull request once, with the branch and the subject.', async () => {
  const because = 'gh could not open the pull request: no network'
  const { calls, pullRequests } = network([{ kind: 'failed', because }])
  const { bare, trunk, squash, start } = await open(pullRequests)
  const first = await trunk.land(1, await squash())
  expect(first).toMatchObject({
    sentence: expect.stringMatching(
      /^gh could not .* no network Or open a pull request of huskies/,
    ),
  })
  expect(await (await start()).land(1, await squash())).toMatchObject(waits)
  expect(await trunk.land(1, await squash())).toMatchObject(waits)
  expect(calls).toEqual([call, call])
  expect(bare.git('branch', '--list', 'huskies/*').trim()).toBe('huskies/item-1')
})

test.each([{ kind: 'unknown' } as const, new Error('killed')])(
  'Where nobody heard what became of opening it, it is not opened again: a person is to look (%o).',
  async (result) => {
    const { calls, pullRequests } = network([result])
    const { trunk, squash, start } = await open(pullRequests)
    await trunk.land(1, await squash()).catch(() => {})
    const sentence = expect.stringMatching(
      /^Nobody knows whether huskies\/item-1 has a pull request: /,
    )
    expect(await (await start()).land(1, await squash())).toMatchObject({ sentence })
    expect(calls).toEqual([call])
  },
)

test('A program that can look is asked before anything is opened.', async () => {
  let isOpen = false
  const { calls, pullRequests } = network([new Error('killed'), { kind: 'unknown' }], () => isOpen)
  const { trunk, squash, start } = await open(pullRequests)
  await trunk.land(1, await squash()).catch(() => {})
  // There was none, so that opening it was repeated; the second time it was opened, and not heard.
  await (await start()).land(1, await squash())
  isOpen = true
  expect(await (await start()).land(1, await squash())).toMatchObject(waits)
  expect(await trunk.land(1, await squash())).toMatchObject(waits)
  expect(calls).toEqual([call, call])
})

test('When the base branch has moved, what was judged on it takes the place of what was proposed.', async () => {
  const { bare, trunk, squash } = await open(network([]).pullRequests)
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
  expect(await restarted.head()).toBe(bare.git('rev-parse', 'main'))
  expect(fixture.status()).toBe('')
  restarted.forget(1)
  expect(await restarted.finish()).toBeUndefined()
})
