import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { openRepository } from '../../../src/pipeline/git/repository.ts'
import { GitTrunk } from '../../../src/pipeline/git/trunk.ts'
import { FakeSetup } from '../../../test/support/fake-setup.ts'
import { temporaryFolder } from '../folder.ts'
import { openStore } from '../pipeline/project.ts'
import { gitEnvironment } from '../worktree/repository.ts'
import { branchOf, Workplace } from './workplace.ts'

export type SquashWay = 'memory' | 'huskies' | 'checkout'

/** How long each takes to make one commit of a branch, in ms, `times` times in turn. */
export async function measure(times: number): Promise<Record<SquashWay, number[]>> {
  using folder = temporaryFolder('squash')
  const load = { stories: 1, gateMs: 0, conflictEvery: 0, flakeEvery: 0, bad: 0 }
  const place = new Workplace(folder.path, load)
  await place.prepare()
  mkdirSync(join(folder.path, 'worktrees'))
  const store = openStore(join(folder.path, 'pipeline.db'))
  const trunk = new GitTrunk({
    repository: await openRepository(place.root, { environment: gitEnvironment }),
    directory: join(folder.path, 'worktrees'),
    ...{ setup: new FakeSetup(), store, clock: systemClock, log: silentLog },
  })
  const branch = branchOf(1)
  const copy = join(folder.path, 'copy')
  await place.git('worktree', 'add', '--quiet', '--detach', copy, 'main')
  const ways: Record<SquashWay, () => Promise<unknown>> = {
    async memory() {
      const tree = await place.git('merge-tree', '--write-tree', 'main', branch)
      return place.git('commit-tree', '-p', 'main', '-m', 'story', tree)
    },
    huskies: () => trunk.squash(branch, 'story'),
    async checkout() {
      await place.gitIn(copy, 'checkout', '--quiet', '--detach', 'main')
      await place.gitIn(copy, 'merge', '--quiet', '--squash', branch)
      return place.gitIn(copy, 'commit', '--quiet', '-m', 'story')
    },
  }
  const results: Record<SquashWay, number[]> = { memory: [], huskies: [], checkout: [] }
  for (let round = -1; round < times; round++)
    for (const way of ['memory', 'huskies', 'checkout'] as const) {
      const start = performance.now()
      await ways[way]()
      // The first of each only warms up.
      if (round >= 0) results[way].push(performance.now() - start)
    }
  store.close()
  return results
}
