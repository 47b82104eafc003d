import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../kernel/problem.ts'
import type { Setup } from '../programs/setup.ts'
import type { Changes, Lifetime, WorkState, Worktree, Worktrees } from '../worktrees.ts'
import { GitError } from './git.ts'
import { LockFiles, type LockFilesOptions, lockedBy } from './lock-files.ts'
import { mergeInto } from './merge-base.ts'
import { KeyedMutex } from './mutex.ts'
import { Recovery } from './recovery.ts'
import type { Repository } from './repository.ts'
import { treeOfEverything } from './snapshot.ts'
import { type Place, WorktreeFolder } from './worktree-folder.ts'

/** What the worktrees are made of. */
export interface GitWorktreesOptions extends LockFilesOptions {
  readonly repository: Repository
  /** Where they lie: a folder of our own, outside the checkout. Made if it is missing. */
  readonly directory: string
  readonly setup: Setup
}

/** The items' worktrees, made and removed with git. */
export class GitWorktrees implements Worktrees {
  readonly #repository: Repository
  readonly #folder: WorktreeFolder
  readonly #setup: Setup
  readonly #locks: LockFiles
  readonly #recovery: Recovery
  readonly #lanes = new KeyedMutex<number>()

  constructor({ repository, directory, setup, ...parts }: GitWorktreesOptions) {
    this.#repository = repository
    this.#folder = new WorktreeFolder(directory, repository.commonDirectory)
    this.#setup = setup
    this.#locks = new LockFiles(parts)
    this.#recovery = new Recovery(repository)
  }

  async ensure(item: number, branch: string): Promise<Worktree> {
    const found = this.find(item)
    if (found?.branch === branch) return found
    return this.#lanes.run(item, async () => {
      const place = this.#folder.look(nameOf(item))
      const stale = place?.mark && (place.mark.branch !== branch || place.mark.phase === 'removing')
      if (stale) await this.#remove(place)
      return this.#make(item, branch)
    })
  }

  find(item: number): Worktree | undefined {
    return findIn(this.#folder, item)
  }

  all(): readonly Worktree[] {
    return this.#folder
      .all()
      .filter(({ name }) => itemOf(name) > 0)
      .map(asWorktree)
      .sort((a, b) => a.item - b.item)
  }

  async changes(item: number): Promise<Changes | undefined> {
    const worktree = this.find(item)
    if (!worktree) return undefined
    const status = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all']
    const git = this.#repository.git.in(worktree.path)
    const lines = await git.run(status, { environment: { GIT_OPTIONAL_LOCKS: '0' } })
    const entries = lines.split('\0').filter((line) => line !== '')
    const added = entries.filter((line) => /^(\?\?|A)/.test(line)).length
    return { modified: entries.length - added, added }
  }

  unlock(item: number, dead: readonly Lifetime[]): void {
    const place = this.#folder.look(nameOf(item))
    if (!place) return
    const branch = `refs/heads/${place.branch}.lock`
    const inFolder = readdirSync(place.admin).filter((name) => name.endsWith('.lock'))
    this.#locks.removeLeft(
      [
        ...inFolder.map((name) => join(place.admin, name)),
        join(this.#repository.commonDirectory, branch),
      ],
      dead,
    )
  }

  async state(item: number): Promise<WorkState> {
    const place = this.#need(item)
    const { branch } = place
    const git = this.#repository.git.in(place.path)
    const tree = await treeOfEverything(git, place)
    const { baseRef } = this.#repository
    const ofBranch = ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}^{commit}`]
    // Whoever works there may have deleted the branch: then there is nothing beside the base branch.
    const isThere = (await git.attempt(ofBranch)).code === 0
    const tips = isThere ? [`refs/heads/${branch}`, 'HEAD^{tree}'] : [baseRef, `${baseRef}^{tree}`]
    const [head = '', committed = ''] = (await git.run(['rev-parse', ...tips])).split('\n')
    const [ahead, changed] = await Promise.all([
      git.run(['rev-list', '--count', `${baseRef}..${head}`]),
      tree === committed
        ? ''
        : git.run(['diff-tree', '-r', '-z', '--name-only', '--no-renames', committed, tree]),
    ])
    return {
      branch,
      head,
      ahead: Number(ahead),
      uncommitted: changed.split('\0').filter((path) => path !== ''),
      fingerprint: tree,
    }
  }

  async diff(item: number): Promise<string> {
    const place = this.#need(item)
    const git = this.#repository.git.in(place.path)
    const [fork, tree] = await Promise.all([
      git.attempt(['merge-base', this.#repository.baseRef, 'HEAD']),
      treeOfEverything(git, place),
    ])
    const from = fork.code === 0 ? fork.stdout.trimEnd() : this.#repository.baseRef
    return git.run(['diff', '--no-color', '--no-ext-diff', '--no-textconv', '-M', from, tree])
  }

  mergeBase(item: number): Promise<readonly string[]> {
    return this.#lanes.run(item, async () => {
      const { path, admin } = this.#need(item)
      const lock = join(admin, 'index.lock')
      // Git itself would not say what it is that keeps it from merging.
      if (existsSync(lock)) throw lockedBy(lock)
      return mergeInto(this.#repository.git.in(path), this.#repository)
    })
  }

  remove(item: number): Promise<string | undefined> {
    return this.#lanes.run(item, async () => {
      const place = this.#folder.look(nameOf(item))
      return place && this.#remove(place)
    })
  }

  recover(item: number): Promise<Worktree | undefined> {
    return this.#lanes.run(item, async () => {
      const there = this.#folder.look(nameOf(item))
      if (there?.mark?.phase === 'removing') await this.#remove(there)
      else if (there)
        throw new Problem(
          'worktree-exists',
          `Item ${item} has a worktree at ${there.path}: its work is there.`,
        )
      const saved = await this.#recovery.newest(nameOf(item))
      if (!saved) return undefined
      const place = await this.#repository.mutex.run(() => this.#add(item, saved.branch, saved.tip))
      await this.#recovery.restore(saved, place)
      this.#folder.write(place.admin, { phase: 'made', branch: saved.branch, recovered: true })
      return this.#finish(item)
    })
  }

  /** Makes what is missing, whatever a crash left: git's part, then ours. */
  async #make(item: number, branch: string): Promise<Worktree> {
    const there = this.#folder.look(nameOf(item))
    if (!there?.whole || !there.mark)
      await this.#repository.mutex.run(async () => {
        const place = there?.whole
          ? await this.#complete(there)
          : await this.#add(item, branch, this.#repository.baseRef)
        this.#folder.write(place.admin, { phase: 'made', branch })
      })
    return this.#finish(item)
  }

  /** Runs the setup commands, if they have not run to their end yet. */
  async #finish(item: number): Promise<Worktree> {
    const place = this.#need(item)
    if (place.mark?.phase === 'made') {
      await this.#setup.setUp(place.name, place.path)
      this.#folder.write(place.admin, { ...place.mark, phase: 'ready' })
    }
    return asWorktree(this.#need(item))
  }

  async #add(item: number, branch: string, start: string): Promise<Place> {
    this.#folder.clear(nameOf(item))
    const path = this.#folder.pathOf(nameOf(item))
    const { git } = this.#repository
    const add = ['worktree', 'add', '--quiet', '--lock']
    const made = await git.attempt([...add, '--no-track', '-b', branch, path, start])
    if (made.code !== 0) {
      const known = await git.attempt(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`])
      if (known.code !== 0) throw new GitError(add, made)
      // The branch outlived its worktree: the work on it goes on.
      await git.run([...add, path, branch])
    }
    return this.#need(item)
  }

  /** A crash cut git short before the worktree was marked, so that nobody has worked in it yet. */
  async #complete(place: Place): Promise<Place> {
    await this.#locks.clear(place.admin)
    await this.#repository.git.in(place.path).run(['reset', '--hard', '--quiet'])
    return place
  }

  async #remove(place: Place): Promise<string | undefined> {
    const { branch } = place
    if (place.whole && place.mark?.phase === 'ready')
      await this.#setup.tearDown(place.name, place.path)
    const ref = await this.#repository.mutex.run(async () => {
      const earlier = place.mark?.saved
      if (earlier && (await this.#recovery.holds(earlier))) return earlier.ref
      const saved = await this.#recovery.prepare(place)
      if (!saved) return undefined
      // Noted first: after a crash, what is then half removed must not be stored in its stead.
      this.#folder.write(place.admin, { phase: 'removing', branch, saved })
      await this.#recovery.store(saved, branch)
      return saved.ref
    })
    await this.#folder.remove(place)
    return ref
  }

  #need(item: number): Place {
    const place = this.#folder.look(nameOf(item))
    if (place?.whole) return place
    throw new Problem('no-worktree', `Item ${item} has no worktree.`)
  }
}

/** As `Worktrees.find`, for whoever only looks. */
export function findWorktree(
  commonDirectory: string,
  directory: string,
  item: number,
): Worktree | undefined {
  return findIn(new WorktreeFolder(directory, commonDirectory), item)
}

function findIn(folder: WorktreeFolder, item: number): Worktree | undefined {
  const place = folder.look(nameOf(item))
  return place?.whole && place.mark?.phase === 'ready' ? asWorktree(place) : undefined
}

function nameOf(item: number): string {
  return `item-${item}`
}

/** 0 for what is no item's worktree. */
function itemOf(name: string): number {
  return Number(/^item-([1-9]\d*)$/.exec(name)?.[1] ?? 0)
}

function asWorktree({ name, path, branch, mark }: Place): Worktree {
  return {
    item: itemOf(name),
    path,
    branch,
    ...(mark?.recovered && { recovered: true }),
  }
}
