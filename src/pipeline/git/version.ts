import { Problem } from '../../kernel/problem.ts'
import type { Git } from './git.ts'

const oldest = [2, 38] as const

/** The text that `git version` prints. Throws `Problem` `no-git` where no git can be started. */
export async function readGitVersion(git: Git): Promise<string> {
  try {
    return await git.run(['version'])
  } catch (cause) {
    throw new Problem('no-git', 'git cannot be started: install git 2.38 or newer.', { cause })
  }
}

/**
 * Refuses a git that cannot merge in memory (`merge-tree --write-tree` came with 2.38): `Problem`
 * `old-git`, which names the version that was found.
 */
export function checkGitVersion(text: string): void {
  const match = /(\d+)\.(\d+)\S*/.exec(text)
  const major = Number(match?.[1] ?? 0)
  const minor = Number(match?.[2] ?? 0)
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return
  throw new Problem(
    'old-git',
    `git ${match?.[0] ?? 'of an unknown version'} is too old: install git ${oldest.join('.')} or newer.`,
  )
}
