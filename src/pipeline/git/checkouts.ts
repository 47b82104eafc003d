import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Repository } from './repository.ts'

/** A working tree that has the base branch checked out: a person's, as a rule. */
export interface Checkout {
  readonly path: string
  /** Git's own folder for it. */
  readonly admin: string
}

/** Why a checkout cannot be brought along now. */
export interface Obstacle {
  readonly checkout: string
  /** A person's changes that would be overwritten. */
  readonly files: readonly string[]
  /** What else it is, as words for a person. */
  readonly because?: string
}

export interface FoundCheckouts {
  readonly checkouts: readonly Checkout[]
  readonly obstacle: Obstacle | undefined
}

/**
 * Every checkout of the base branch, and the first obstacle that can be told before anything is
 * compared: a folder that is not there now, or a merge or rebase that is under way.
 */
export async function findCheckouts(repository: Repository): Promise<FoundCheckouts> {
  const text = await repository.git.run(['worktree', 'list', '--porcelain', '-z'])
  const checkouts: Checkout[] = []
  let obstacle: Obstacle | undefined
  for (const entry of text.split('\0\0')) {
    const lines = entry.split('\0')
    const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length)
    if (!path) continue
    const onBase = lines.includes(`branch ${repository.baseRef}`)
    if (!existsSync(join(path, '.git'))) {
      // A locked one comes back, on a disk that is plugged in again; any other is gone for good.
      const locked = lines.some((line) => /^locked( |$)/.test(line))
      if (onBase && locked) obstacle ??= { checkout: path, files: [], because: 'it is not there' }
      continue
    }
    const admin = adminOf(path)
    const because = underWay(admin, repository.baseRef, onBase)
    if (because) obstacle ??= { checkout: path, files: [], because }
    if (onBase) checkouts.push({ path, admin })
  }
  return { checkouts, obstacle }
}

function adminOf(path: string): string {
  const link = join(path, '.git')
  if (statSync(link).isDirectory()) return link
  const target = /^gitdir: (.+)$/m.exec(readFileSync(link, 'utf8'))?.[1]
  if (!target) throw new Error(`${link} leads nowhere`)
  return resolve(path, target)
}

/** What git remembers to be under way there, if it concerns the base branch. */
function underWay(admin: string, baseRef: string, onBase: boolean): string | undefined {
  const rebased = ['rebase-merge', 'rebase-apply'].some((folder) => {
    const file = join(admin, folder, 'head-name')
    return existsSync(file) && readFileSync(file, 'utf8').trim() === baseRef
  })
  if (rebased) return 'a rebase is under way'
  if (!onBase) return undefined
  const [, because] = signs.find(([name]) => existsSync(join(admin, name))) ?? []
  return because
}

const signs = [
  ['MERGE_HEAD', 'a merge is under way'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick is under way'],
  ['REVERT_HEAD', 'a revert is under way'],
  ['rebase-apply', 'patches are being applied'],
] as const
