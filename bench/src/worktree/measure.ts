import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { systemClock } from '../../../src/kernel/clock.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { openRepository } from '../../../src/pipeline/git/repository.ts'
import { GitWorktrees } from '../../../src/pipeline/git/worktrees.ts'
import { FakeSetup } from '../../../test/support/fake-setup.ts'
import { execute } from '../execute.ts'
import { temporaryFolder } from '../folder.ts'
import { gitEnvironment, makeRepository, type Size } from './repository.ts'

/** The ways of making a folder to work in. */
export type Way = 'git' | 'huskies' | 'no-checkout' | 'copy'

/** Makes `parallel` worktrees at the same time in each of these ways, `rounds` times. */
export interface Series {
  readonly ways: readonly Way[]
  readonly parallel: number
  readonly rounds: number
}

export interface WorktreeInput {
  readonly size: Size
  readonly series: readonly Series[]
}

export interface WorktreeResult {
  readonly way: Way
  readonly parallel: number
  /** For each round, its time divided by the worktrees that it made, in ms. */
  readonly each: readonly number[]
  readonly made: number
  readonly failed: number
}

/** Makes worktree `number` in `path`, on a branch of its own. */
type Make = (number: number, path: string) => Promise<unknown>

export async function measure({ size, series }: WorktreeInput): Promise<WorktreeResult[]> {
  using folder = temporaryFolder('worktrees')
  const place = new Place(folder.path)
  await makeRepository(place.root, size)
  const makers = await makersIn(place)
  const warmUp = { ways: ['git', 'huskies'], parallel: 1, rounds: 1 } as const
  await run(warmUp, makers, place)
  const results: WorktreeResult[] = []
  for (const each of series) results.push(...(await run(each, makers, place)))
  return results
}

/**
 * The ways take turns, now in this order and now in the other, so that whatever else the machine
 * does, and what each leaves for the disk to do later, falls on all of them.
 */
async function run({ ways, parallel, rounds }: Series, makers: Record<Way, Make>, place: Place) {
  const results = ways.map((way) => ({ way, parallel, each: [] as number[], made: 0, failed: 0 }))
  for (let round = 0; round < rounds; round++)
    for (const result of round % 2 === 0 ? results : results.toReversed()) {
      const start = performance.now()
      const ended = await Promise.allSettled(
        Array.from({ length: parallel }, () => {
          const item = place.nextItem()
          return makers[result.way](item, join(place.worktrees, `item-${item}`))
        }),
      )
      result.each.push((performance.now() - start) / parallel)
      result.made += ended.length
      result.failed += ended.filter(({ status }) => status === 'rejected').length
      await place.clear()
    }
  return results
}

/** A repository and the folder of its worktrees. */
class Place {
  readonly root: string
  readonly worktrees: string
  #items = 0

  constructor(folder: string) {
    this.root = join(folder, 'repository')
    this.worktrees = join(folder, 'worktrees')
  }

  nextItem(): number {
    return ++this.#items
  }

  /** Removes all worktrees and their branches, which is quicker without git. */
  async clear(): Promise<void> {
    const admin = join(this.root, '.git/worktrees')
    const branches = join(this.root, '.git/refs/heads/bench')
    for (const path of [this.worktrees, admin, branches])
      await rm(path, { recursive: true, force: true })
    await mkdir(this.worktrees)
  }
}

async function makersIn({ root, worktrees }: Place): Promise<Record<Way, Make>> {
  const start = (file: string, ...args: string[]) =>
    execute(file, args, { cwd: root, env: gitEnvironment })
  const branch = (number: number) => `bench/item-${number}`
  const ours = new GitWorktrees({
    repository: await openRepository(root, { environment: gitEnvironment }),
    directory: worktrees,
    setup: new FakeSetup(),
    clock: systemClock,
    log: silentLog,
  })
  const add = ['worktree', 'add', '--quiet', '--no-track']
  return {
    git: (number, path) => start('git', ...add, '-b', branch(number), path, 'main'),
    huskies: (number) => ours.ensure(number, branch(number)),
    'no-checkout': (number, path) =>
      start('git', ...add, '--no-checkout', '-b', branch(number), path, 'main'),
    copy: (_number, path) => start('cp', '-r', 'work', path),
  }
}
