import { type Git, GitError } from './git.ts'
import { committer, type Repository } from './repository.ts'

/**
 * Merges the base branch into what `git` has checked out and commits it, or leaves the merge under
 * way where files conflict, and returns those. Uncommitted changes are never touched: then nothing
 * happens but that the files of an earlier merge's conflicts are named.
 */
export async function mergeInto(
  git: Git,
  { base, baseRef, identity }: Pick<Repository, 'base' | 'baseRef' | 'identity'>,
): Promise<readonly string[]> {
  if ((await git.run(['status', '--porcelain'])) !== '') return unmerged(git)
  const merge = ['merge', '--no-ff', '--no-gpg-sign', '--no-verify-signatures', '--no-edit']
  const message = ['-m', `Merge branch ${base}`]
  const merged = await git.attempt([...merge, ...message, baseRef], {
    environment: committer(identity),
  })
  if (merged.code === 0) return []
  const files = await unmerged(git)
  if (files.length === 0) throw new GitError(merge, merged)
  return files
}

async function unmerged(git: Git): Promise<string[]> {
  const text = await git.run(['diff', '--name-only', '--diff-filter=U', '-z'])
  return text.split('\0').filter((path) => path !== '')
}
