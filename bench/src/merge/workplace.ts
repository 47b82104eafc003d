import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { execute } from '../execute.ts'
import { gitEnvironment, makeRepository } from '../worktree/repository.ts'

/** What is in the queue, and what the gates make of it. */
export interface Load {
  readonly stories: number
  /** How long the gates take, in ms. */
  readonly gateMs: number
  /** Every so many stories, one conflicts with the one before it; 0 is none. */
  readonly conflictEvery: number
  /** Every so many runs of the gates, one is red though the work is good; 0 is none. */
  readonly flakeEvery: number
  /** This one, from 1, is bad; 0 is none. */
  readonly bad: number
}

const size = { files: 400, bytesPerFile: 5_000 }

/** A repository whose branches `feature/item-1` and so on wait to be merged, and gates that only wait. */
export class Workplace {
  readonly root: string
  readonly folder: string
  readonly #load: Load
  readonly passed = new Set<string>()
  gatesBegun = 0
  gatesEnded = 0

  constructor(folder: string, load: Load) {
    this.folder = folder
    this.root = join(folder, 'project')
    this.#load = load
  }

  async prepare(): Promise<void> {
    mkdirSync(this.root)
    await makeRepository(this.root, size)
    await this.git('config', 'user.name', 'Bench')
    await this.git('config', 'user.email', 'bench@example.org')
    const { stories, conflictEvery, bad } = this.#load
    for (let story = 1; story <= stories; story++) {
      await this.git('checkout', '--quiet', '-b', branchOf(story), 'main')
      const clashes = conflictEvery > 0 && story % conflictEvery === 0
      const file = join('work', clashes ? `story-${story - 1}.txt` : `story-${story}.txt`)
      await writeFile(join(this.root, file), `${story === bad ? 'bad' : 'good'} ${story}\n`)
      await this.git('add', '--all')
      await this.git('commit', '--quiet', '-m', `story ${story}`)
    }
    await this.git('checkout', '--quiet', 'main')
  }

  async git(...args: string[]): Promise<string> {
    return this.gitIn(this.root, ...args)
  }

  async gitIn(cwd: string, ...args: string[]): Promise<string> {
    const { stdout } = await execute('git', args, { cwd, env: gitEnvironment })
    return stdout.trimEnd()
  }

  /** Whether what is checked out there is good. */
  async judge(directory: string, signal?: AbortSignal): Promise<boolean> {
    const { gateMs, flakeEvery, bad } = this.#load
    this.gatesBegun += 1
    const flakes = flakeEvery > 0 && this.gatesBegun % flakeEvery === 0
    const tree = await this.gitIn(directory, 'rev-parse', 'HEAD^{tree}')
    await pause(gateMs, undefined, signal && { signal })
    this.gatesEnded += 1
    const files = await this.gitIn(directory, 'ls-tree', '--name-only', 'HEAD', 'work/')
    const isBad = bad > 0 && files.includes(`work/story-${bad}.txt`)
    if (isBad || flakes) return false
    this.passed.add(tree)
    return true
  }

  /** The commits that landed, and how many of them were never judged as they are. */
  async landed(): Promise<{ readonly landed: number; readonly wrongTrees: number }> {
    const log = await this.git('log', '--first-parent', '--format=%T', 'main')
    const trees = log.split('\n').slice(0, -1)
    return {
      landed: trees.length,
      wrongTrees: trees.filter((tree) => !this.passed.has(tree)).length,
    }
  }
}

export function branchOf(story: number): string {
  return `feature/item-${story}`
}
