import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../kernel/problem.ts'
import { type Git, GitError } from './git.ts'
import { type Change, changesBetween } from './tree-changes.ts'
import type { Place } from './worktree-folder.ts'

let count = 0

/**
 * Runs `work` with a copy of the worktree's index, given as git's variable and by its path: what is
 * staged there is seen by nobody else.
 */
export async function withIndexCopy<T>(
  { admin }: Pick<Place, 'admin'>,
  work: (environment: Readonly<Record<string, string>>, file: string) => Promise<T>,
): Promise<T> {
  count += 1
  const file = join(admin, `huskies-index-${process.pid}-${count}`)
  try {
    // Left by a program that had the same number: numbers repeat, in containers above all.
    rmSync(`${file}.lock`, { force: true })
    const index = join(admin, 'index')
    if (existsSync(index)) copyFileSync(index, file)
    return await work({ GIT_INDEX_FILE: file }, file)
  } finally {
    rmSync(file, { force: true })
  }
}

/** Removes what programs that are no more have left of such copies and of locks that they drafted. */
export function sweepDrafts({ admin }: Pick<Place, 'admin'>): void {
  for (const name of readdirSync(admin)) {
    const pid = /^huskies-(?:index|lock|files)-(\d+)/.exec(name)?.[1]
    if (pid !== undefined && Number(pid) !== process.pid && !isAlive(Number(pid)))
      rmSync(join(admin, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Writes the tree of everything in the worktree as a commit of it all would have it: uncommitted
 * and untracked files included, ignored ones not, nor what lies at `beside`. Returns its name; the worktree's own index stays.
 * Throws `Problem` `nested-repository` where a repository lies in it that has no commit.
 */
export function treeOfEverything(
  git: Git,
  place: Pick<Place, 'admin'>,
  beside: readonly string[] = [],
): Promise<string> {
  return withIndexCopy(place, (environment) => addEverything(git, environment, beside))
}

/**
 * As `treeOfEverything`, but what differs from `head` is stored byte for byte, without what a
 * commit makes of line ends and the like, so that it can be put back exactly.
 */
export function exactTree(git: Git, place: Pick<Place, 'admin'>, head: string): Promise<string> {
  return withIndexCopy(place, async (environment) => {
    const tree = await addEverything(git, environment)
    const files = (await changesBetween(git, head, tree)).filter(isFile)
    if (files.length === 0) return tree
    const objects = await rawObjects(
      git,
      files.map(({ path }) => path),
    )
    const exact = files.map(({ path, to }, index) => `${to.mode} ${objects[index]}\t${path}\0`)
    await git.run(['update-index', '-z', '--index-info'], { environment, input: exact.join('') })
    return (await git.run(['write-tree'], { environment })).trimEnd()
  })
}

/** Whether the change leaves a file with content of its own. */
export function isFile({ to }: Change): boolean {
  return to.mode.startsWith('100')
}

/** The objects that the files' very bytes make, in order; they are stored. */
export async function rawObjects(git: Git, paths: readonly string[]): Promise<string[]> {
  const objects: string[] = []
  // As arguments, because a name may hold a line end; in portions, because a line has a limit.
  for (let index = 0; index < paths.length; index += 200) {
    const portion = paths.slice(index, index + 200)
    const text = await git.run(['hash-object', '-w', '--no-filters', '--', ...portion])
    objects.push(...text.trimEnd().split('\n'))
  }
  return objects
}

async function addEverything(
  git: Git,
  environment: Readonly<Record<string, string>>,
  beside: readonly string[] = [],
): Promise<string> {
  const others = beside.map((path) => `:(exclude,top,literal)${path}`)
  const add = ['add', '--all', '--', '.', ...others]
  const added = await git.attempt(add, { environment })
  const nested = /'(.*)' does not have a commit checked out/.exec(added.stderr)?.[1]
  if (nested)
    throw new Problem(
      'nested-repository',
      `${join(git.directory, nested)} is a git repository without a commit: move it elsewhere.`,
    )
  if (added.code !== 0) throw new GitError(add, added)
  return (await git.run(['write-tree'], { environment })).trimEnd()
}
