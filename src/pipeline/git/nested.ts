import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../../kernel/problem.ts'
import type { Git } from './git.ts'
import { gitLink } from './tree-changes.ts'

/**
 * Refuses a tree in which another repository lies whose work is nowhere else: only its commit's name
 * would be kept. Throws `Problem` `nested-repository`, which names it.
 */
export async function refuseUnsavedRepositories(git: Git, tree: string): Promise<void> {
  const entries = (await git.run(['ls-tree', '-r', '-z', tree])).split('\0')
  for (const entry of entries.filter((each) => each.startsWith(gitLink))) {
    const folder = join(git.directory, entry.slice(entry.indexOf('\t') + 1))
    if (!existsSync(join(folder, '.git')) || (await isSaved(git.in(folder)))) continue
    throw new Problem(
      'nested-repository',
      `${folder} is a git repository with work that is nowhere else: push it, or move it elsewhere.`,
    )
  }
}

async function isSaved(git: Git): Promise<boolean> {
  const uncommitted = await git.run(['status', '--porcelain', '--untracked-files=all'])
  const unpushed = await git.run([
    'rev-list',
    '--max-count=1',
    '--all',
    'HEAD',
    '--not',
    '--remotes',
  ])
  return uncommitted === '' && unpushed === ''
}
