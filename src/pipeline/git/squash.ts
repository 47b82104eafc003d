import { Problem } from '../../kernel/problem.ts'
import type { Squash, SquashResult } from '../trunk.ts'
import { type Git, GitError } from './git.ts'
import { committer, type Identity } from './repository.ts'

/** What is to become one commit on top of `base`. */
export interface SquashRequest {
  readonly base: string
  readonly baseTree: string
  /** The tip of the branch. */
  readonly tip: string
  readonly subject: string
  readonly identity: Identity
}

/**
 * Merges in memory and makes one commit of the result, which no branch names yet. `git` runs in a
 * checkout of `base`, because what decides how files are merged is read from there. Throws `Problem`
 * `unrelated-histories` where the branch has no commit in common with the base.
 */
export async function squash(git: Git, request: SquashRequest): Promise<SquashResult> {
  const { base, baseTree, tip, subject, identity } = request
  const merge = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', base, tip]
  const merged = await git.attempt(merge)
  if (/unrelated histories/.test(merged.stderr))
    throw new Problem(
      'unrelated-histories',
      'The branch has no commit in common with the base branch: start it again from there.',
    )
  if (merged.code > 1) throw new GitError(merge, merged)
  const [tree = '', ...files] = merged.stdout.split('\0').filter((part) => part !== '')
  if (merged.code === 1) return { kind: 'conflict', files }
  if (tree === baseTree) {
    const ahead = await git.run(['rev-list', '--count', `${base}..${tip}`])
    return { kind: ahead.trimEnd() === '0' ? 'no-commits' : 'empty-diff' }
  }
  return { kind: 'squashed', squash: await commitOf(git, { base, tree, subject, identity }) }
}

/** Makes a commit of a tree, which no branch names yet. */
export async function commitOf(
  git: Git,
  { base, tree, subject, identity }: Omit<SquashRequest, 'baseTree' | 'tip'> & { tree: string },
): Promise<Squash> {
  const commit = await git.run(['commit-tree', '-p', base, '-m', subject, tree], {
    environment: committer(identity),
  })
  return { commit: commit.trimEnd(), base, tree }
}
