import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Problem } from '../../kernel/problem.ts'

const mark = z.object({
  /** made: git has made it. ready: setup has ended too. removing: a recovery ref holds it all. */
  phase: z.enum(['made', 'ready', 'removing']),
  branch: z.string(),
  /** A person brought it back: it stays until somebody says otherwise. */
  recovered: z.boolean().optional(),
  /** What holds the work, while it is being removed. */
  saved: z.object({ ref: z.string(), commit: z.string() }).optional(),
})

/** How far a worktree has come. It lies in git's own folder for it, and goes when that goes. */
export type Mark = z.infer<typeof mark>

/** A worktree as the file system shows it. */
export interface Place {
  /** What it is called in the folder: `item-12`. */
  readonly name: string
  readonly path: string
  /** Git's own folder for it: its HEAD, its index, our mark. */
  readonly admin: string
  /** The branch that it was made for; empty where not even that is left. */
  readonly branch: string
  /** Missing where a crash left it before git had finished. */
  readonly mark: Mark | undefined
  /** Whether its files are there and lead back to git's folder, so that git can work in it. */
  readonly whole: boolean
}

/**
 * The folder that the items' worktrees lie in. It asks the file system only, follows no symbolic
 * link out of the folder, and takes nothing for ours that git does not know under the same path.
 */
export class WorktreeFolder {
  readonly directory: string
  readonly #registry: string

  constructor(directory: string, commonDirectory: string) {
    mkdirSync(directory, { recursive: true })
    this.directory = realpathSync(directory)
    this.#registry = join(commonDirectory, 'worktrees')
  }

  pathOf(name: string): string {
    return join(this.directory, name)
  }

  /** The worktree of that name, as far as it is there; undefined where git knows of none. */
  look(name: string): Place | undefined {
    const path = this.pathOf(name)
    const admin = linkOf(path) ?? this.#registered(name).find((known) => names(known, path))
    return admin && dirname(admin) === this.#registry ? this.#place(name, admin) : undefined
  }

  /** Every worktree that git knows under this folder. */
  all(): Place[] {
    return this.#registered().flatMap((admin) => {
      const path = dirname(readText(join(admin, 'gitdir')).trimEnd())
      return dirname(path) === this.directory ? (this.#place(basename(path), admin) ?? []) : []
    })
  }

  /** Stores how far the worktree has come, in one step. */
  write(admin: string, value: Mark): void {
    const file = join(admin, markFile)
    writeFileSync(`${file}.new`, JSON.stringify(value))
    renameSync(`${file}.new`, file)
  }

  /**
   * Makes room for a worktree: what a crash or somebody's `rm` left of an earlier one goes,
   * the branch stays. Anything else in its place is left alone: `Problem` `path-taken`.
   */
  clear(name: string): void {
    const path = this.pathOf(name)
    const there = lstatSync(path, { throwIfNoEntry: false })
    const bare = there?.isDirectory() && readdirSync(path).every((name) => name === '.git')
    if (there && !bare)
      throw new Problem('path-taken', `${path} is in the way of a worktree: move it elsewhere.`)
    for (const admin of this.#registered(name))
      if (names(admin, path)) rmSync(admin, { recursive: true })
    rmSync(path, { recursive: true, force: true })
  }

  /** Removes the worktree's files, then git's folder for it. It can be cut short and called again. */
  async remove(place: Place): Promise<void> {
    await rm(place.path, { recursive: true, force: true })
    await rm(place.admin, { recursive: true, force: true })
  }

  /** Git calls its folder as the worktree's, with a number behind it where that name was taken. */
  #registered(name = ''): string[] {
    if (!existsSync(this.#registry)) return []
    return readdirSync(this.#registry)
      .filter((known) => known.startsWith(name))
      .map((known) => join(this.#registry, known))
  }

  #place(name: string, admin: string): Place | undefined {
    const path = this.pathOf(name)
    if (!names(admin, path)) return undefined
    const text = readText(join(admin, markFile))
    const found = text === '' ? undefined : mark.parse(JSON.parse(text))
    const head = readText(join(admin, 'HEAD'))
    return {
      name,
      path,
      admin,
      branch: found?.branch ?? /^ref: refs\/heads\/(.+)$/m.exec(head)?.[1] ?? '',
      mark: found,
      whole: linkOf(path) === admin && head !== '',
    }
  }
}

const markFile = 'huskies.json'

/** Git's folder for the worktree at `path`, as the worktree itself names it. */
function linkOf(path: string): string | undefined {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined
  const link = /^gitdir: (.+)$/m.exec(readText(join(path, '.git')))?.[1]
  return link && existsSync(link) ? realpathSync(link) : undefined
}

function names(admin: string, path: string): boolean {
  return readText(join(admin, 'gitdir')).trimEnd() === join(path, '.git')
}

function readText(file: string): string {
  return lstatSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : ''
}
