import {
  linkSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Checkout } from './checkouts.ts'
import { finishCutFiles } from './cut-files.ts'
import type { Git, GitOptions, GitResult } from './git.ts'
import { isFile, withIndexCopy } from './snapshot.ts'
import { absent, type Change, changesBetween, gitLink } from './tree-changes.ts'

/** From which commit to which a checkout is to be brought. */
export interface Step {
  readonly from: string
  readonly to: string
}

const lockText = 'huskies\n'

/**
 * Takes the checkout's index lock, so that no other git writes the index from the test to the end
 * of the landing. False if somebody else has it. One that a crash of ours left is taken over.
 */
export function lockIndex(checkout: Checkout): boolean {
  const { admin } = checkout
  const lock = indexLockOf(checkout)
  const draft = join(admin, `huskies-lock-${process.pid}`)
  writeFileSync(draft, lockText)
  try {
    // A link, not a write: the lock is never there without saying whose it is.
    linkSync(draft, lock)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return isOurs(lock)
  } finally {
    rmSync(draft)
  }
}

/** Gives the lock back, if it is ours. */
export function unlockIndex(checkout: Checkout): void {
  const lock = indexLockOf(checkout)
  if (isOurs(lock)) rmSync(lock)
}

/** The file by whose being there gits keep one another from writing the checkout's index. */
export function indexLockOf({ admin }: Checkout): string {
  return join(admin, 'index.lock')
}

/** The files of a person that the step would overwrite; empty if it would touch none. */
export async function overlap(git: Git, checkout: Checkout, step: Step): Promise<string[]> {
  return withIndexCopy(checkout, async (environment) => {
    const [changes, test] = await Promise.all([
      changesBetween(git, step.from, step.to),
      dryRun(git, step, { environment }),
    ])
    const files = new Set<string>()
    for (const path of await untracked(git, checkout, changes, { environment })) files.add(path)
    for (const path of await deleted(git, checkout, changes, { environment })) files.add(path)
    if (test.code !== 0) {
      const touched = new Set(changes.map(({ path }) => path))
      const compare = ['diff-index', '-z', '--name-only', '--no-renames', step.from]
      for (const args of [compare, [...compare, '--cached']])
        for (const path of (await git.run(args, { environment })).split('\0'))
          if (touched.has(path)) files.add(path)
      // What git names itself is the first file only, so that it is asked last.
      const named = /'(.+)'/.exec(test.stderr)?.[1]
      if (files.size === 0) files.add(named ?? test.stderr.trim())
    }
    return [...files].sort()
  })
}

/**
 * Brings the checkout's index and files along. A step that was cut short is completed, and what a
 * person has changed meanwhile stays as it is; it shows as their change from then on. Returns those
 * files. The caller holds the index lock.
 */
export async function bringAlong(git: Git, checkout: Checkout, step: Step): Promise<string[]> {
  return withIndexCopy(checkout, async (environment, file) => {
    const moved = await git.attempt(twoTrees(step), { environment })
    const kept = moved.code === 0 ? [] : await completeStep(git, checkout, step, { environment })
    renameSync(file, join(checkout.admin, 'index'))
    return kept
  })
}

/**
 * Does what is left of the step: a file that is no longer as it was before counts as being at the
 * new state. Returns those of them that a person has changed.
 */
async function completeStep(
  git: Git,
  checkout: Checkout,
  step: Step,
  options: GitOptions,
): Promise<string[]> {
  const changes = await changesBetween(git, step.from, step.to)
  await writeEntries(git, changes, 'from', options)
  const unlike = await differing(git, options)
  const passed = changes.filter(({ path, from }) =>
    from.mode === absent ? holdsFile(checkout, path) : unlike.has(path),
  )
  await writeEntries(git, passed, 'to', options)
  const rest = { from: await treeWith(git, checkout, step.from, passed), to: step.to }
  await git.run(twoTrees(rest), options)
  const unlikeNew = await differing(git, options)
  const kept = passed.filter(({ path, to }) => isKept(checkout, path, to, unlikeNew))
  const files = kept.filter((change) => isFile(change) && statusAt(checkout, change.path)?.isFile())
  const paths = files.map(({ path }) => path)
  const cut = await finishCutFiles(git, checkout, paths, options)
  if (cut.size > 0) await differing(git, options)
  return kept.map(({ path }) => path).filter((path) => !cut.has(path))
}

function isKept(checkout: Checkout, path: string, to: Change['to'], kept: Set<string>): boolean {
  return to.mode === absent ? holdsFile(checkout, path) : kept.has(path)
}

/** The tree of `commit` with these changes made. */
function treeWith(
  git: Git,
  checkout: Checkout,
  commit: string,
  changes: readonly Change[],
): Promise<string> {
  return withIndexCopy(checkout, async (environment) => {
    await git.run(['read-tree', commit], { environment })
    await writeEntries(git, changes, 'to', { environment })
    return (await git.run(['write-tree'], { environment })).trimEnd()
  })
}

function twoTrees({ from, to }: Step): string[] {
  return ['read-tree', '-m', '-u', from, to]
}

/** What the step would make where something lies that git does not know, ignored files included. */
async function untracked(
  git: Git,
  checkout: Checkout,
  changes: readonly Change[],
  options: GitOptions,
): Promise<string[]> {
  const inTheWay = changes
    .filter(({ path, from }) => from.mode === absent && statusAt(checkout, path))
    .map(({ path }) => path)
  if (inTheWay.length === 0) return []
  const text = await git.run(
    ['ls-files', '-z', '--others', '--', ...inTheWay.map(literally)],
    options,
  )
  return text.split('\0').filter((path) => path !== '')
}

/** What the step would bring back though a person has deleted it: git itself does not mind. */
async function deleted(
  git: Git,
  checkout: Checkout,
  changes: readonly Change[],
  options: GitOptions,
): Promise<string[]> {
  const missing = changes.filter(
    ({ path, from, to }) =>
      ![from.mode, to.mode].includes(absent) && from.mode !== gitLink && !statusAt(checkout, path),
  )
  if (missing.length === 0) return []
  // Of a sparse checkout most files are missing, and nobody has deleted them.
  const text = await git.run(['diff-files', '-z', '--name-only', '--diff-filter=D'], options)
  const gone = new Set(text.split('\0'))
  return missing.map(({ path }) => path).filter((path) => gone.has(path))
}

/** Whether git would take the step. Files that were only touched look changed until it has looked. */
async function dryRun(git: Git, step: Step, options: GitOptions): Promise<GitResult> {
  const args = [...twoTrees(step), '--dry-run']
  const first = await git.attempt(args, options)
  if (first.code === 0) return first
  await git.attempt(['update-index', '-q', '--refresh'], options)
  return git.attempt(args, options)
}

async function writeEntries(
  git: Git,
  changes: readonly Change[],
  side: 'from' | 'to',
  options: GitOptions,
): Promise<void> {
  if (changes.length === 0) return
  // Removals come first: a folder may take the place of a file, or a file that of a folder.
  const lines = changes
    .toSorted((a, b) => Number(b[side].mode === absent) - Number(a[side].mode === absent))
    .map(({ path, [side]: { mode, object } }) => `${mode} ${object}\t${path}\0`)
  await git.run(['update-index', '-z', '--index-info'], { ...options, input: lines.join('') })
}

async function differing(git: Git, options: GitOptions): Promise<Set<string>> {
  await git.attempt(['update-index', '-q', '--refresh'], options)
  return new Set((await git.run(['diff-files', '-z', '--name-only'], options)).split('\0'))
}

/** Whether something other than a folder lies there. */
function holdsFile(checkout: Checkout, path: string): boolean {
  return statusAt(checkout, path)?.isDirectory() === false
}

function statusAt({ path: root }: Checkout, path: string): Stats | undefined {
  try {
    return lstatSync(join(root, path))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Not a folder: a file lies where one of the path's folders would be.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

function literally(path: string): string {
  return `:(literal)${path}`
}

function isOurs(lock: string): boolean {
  const there = lstatSync(lock, { throwIfNoEntry: false })?.isFile() ?? false
  return there && readFileSync(lock, 'utf8') === lockText
}
