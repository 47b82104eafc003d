import { createHash } from 'node:crypto'
import { lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Generate } from '../programs/generate.ts'
import type { Setup } from '../programs/setup.ts'
import type { Git } from './git.ts'
import { LockFiles, type LockFilesOptions } from './lock-files.ts'
import type { Repository } from './repository.ts'
import { treeOfEverything } from './snapshot.ts'
import { type Place, WorktreeFolder } from './worktree-folder.ts'

/** What the last setup was made for, and what it left beside the tree. */
interface Made {
  readonly for: string
  readonly paths: readonly string[]
}

export interface MergeWorktreeOptions extends LockFilesOptions {
  /** What it is called in the folder: `merge`. */
  readonly name: string
  readonly repository: Repository
  /** The folder of the items' worktrees. */
  readonly directory: string
  readonly setup: Setup
}

/**
 * A worktree that merges are judged in. It is nobody's: each check-out leaves exactly a commit's
 * tree and what the setup commands have made.
 */
export class MergeWorktree {
  readonly #name: string
  readonly #repository: Repository
  readonly #folder: WorktreeFolder
  readonly #setup: Setup
  readonly #locks: LockFiles

  constructor({ name, repository, directory, setup, ...parts }: MergeWorktreeOptions) {
    this.#name = name
    this.#repository = repository
    this.#folder = new WorktreeFolder(directory, repository.commonDirectory)
    this.#setup = setup
    this.#locks = new LockFiles(parts)
  }

  /** A git in it, with the files of `commit`; what else lies about is left lying. */
  async at(commit: string): Promise<Git> {
    const place = await this.#ensure(commit)
    const git = this.#repository.git.in(place.path)
    if (readFileSync(join(place.admin, 'HEAD'), 'utf8').trim() !== commit)
      await this.#reset(git, place, commit)
    return git
  }

  /** Puts exactly the tree of `commit` there and returns the path. */
  async checkOut(commit: string): Promise<string> {
    await this.#setup.endEarlier(this.#name)
    const place = await this.#ensure(commit)
    const git = this.#repository.git.in(place.path)
    await this.#reset(git, place, commit)
    const wanted = await this.#fingerprint(git, commit)
    const made = readMade(place)
    await git.run(['clean', '-ffdxq', ...(made?.for === wanted ? made.paths.flatMap(keep) : [])])
    if (made?.for === wanted) return place.path
    rmSync(join(place.admin, madeFile), { force: true })
    await this.#setup.setUp(this.#name, place.path)
    await this.#reset(git, place, commit)
    const others = await git.run(['ls-files', '-z', '--others', '--directory'])
    const paths = others.split('\0').filter((path) => path !== '')
    writeFileSync(join(place.admin, madeFile), JSON.stringify({ for: wanted, paths }))
    return place.path
  }

  /**
   * Has files made in a checkout of `commit` and returns the tree that holds them too. What setup
   * commands have left beside the tree stays beside it.
   */
  async generate(commit: string, generate: Generate): Promise<string> {
    const path = await this.checkOut(commit)
    await generate(path)
    const place = await this.#ensure(commit)
    const beside = readMade(place)?.paths ?? []
    return treeOfEverything(this.#repository.git.in(path), place, beside)
  }

  async #ensure(commit: string): Promise<Place> {
    const found = this.#folder.look(this.#name)
    if (found?.whole) return found
    return this.#repository.mutex.run(async () => {
      const path = this.#folder.pathOf(this.#name)
      if (lstatSync(path, { throwIfNoEntry: false })) rmSync(path, { recursive: true })
      this.#folder.clear(this.#name)
      const add = ['worktree', 'add', '--quiet', '--lock', '--detach']
      await this.#repository.git.run([...add, path, commit])
      const place = this.#folder.look(this.#name)
      if (!place?.whole) throw new Error(`git made a worktree at ${path} that cannot be found`)
      return place
    })
  }

  async #reset(git: Git, place: Place, commit: string): Promise<void> {
    await this.#locks.clear(place.admin)
    await git.run(['reset', '--hard', '--quiet', commit])
  }

  /** Changes when the setup commands do, or the files that say what they are to install. */
  async #fingerprint(git: Git, commit: string): Promise<string> {
    if (this.#setup.fingerprint === '') return ''
    const entries = (await git.run(['ls-tree', '-r', '-z', commit])).split('\0')
    const relevant = entries.filter((entry) =>
      dependencyFiles.has(basename(entry.slice(entry.indexOf('\t') + 1))),
    )
    return createHash('sha256')
      .update([this.#setup.fingerprint, ...relevant].join('\0'))
      .digest('hex')
  }
}

const madeFile = 'huskies-setup.json'

function readMade({ admin }: Place): Made | undefined {
  const file = join(admin, madeFile)
  if (!lstatSync(file, { throwIfNoEntry: false })) return undefined
  return JSON.parse(readFileSync(file, 'utf8'))
}

/** The option by which `git clean` spares one path, which it reads as a pattern. */
function keep(path: string): string[] {
  return ['-e', `/${path.replace(/[\\*?[\]!# ]/g, '\\$&')}`]
}

const dependencyFiles = new Set(
  `package.json package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb
  Cargo.toml Cargo.lock go.mod go.sum pyproject.toml poetry.lock uv.lock pdm.lock Pipfile Pipfile.lock
  requirements.txt setup.py Gemfile Gemfile.lock composer.json composer.lock mix.exs mix.lock
  pom.xml build.gradle build.gradle.kts gradle.lockfile`.split(/\s+/),
)
