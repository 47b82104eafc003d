import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Problem } from '../kernel/problem.ts'

/**
 * Refuses to keep the state of a project twice: items name branches, and there is one set of branches
 * for all checkouts of a repository. So a worktree of ours, in which an agent may start this very
 * program, never gets to the real items, nor to a second set of them that would share their branches.
 * Throws `Problem` `other-checkout`.
 */
export function refuseOtherCheckout(root: string, commonDirectory: string): void {
  for (const checkout of checkoutsOf(commonDirectory)) {
    if (checkout === root || !existsSync(join(checkout, '.huskies', 'state', 'pipeline.db')))
      continue
    throw new Problem(
      'other-checkout',
      `${root} is another checkout of the project in ${checkout}, which has its items: start huskies there, or try it in a clone.`,
    )
  }
}

/** The main checkout and all worktrees, by their real paths, as git's own files name them. */
function checkoutsOf(commonDirectory: string): string[] {
  const main = basename(commonDirectory) === '.git' ? [dirname(commonDirectory)] : []
  const registry = join(commonDirectory, 'worktrees')
  if (!existsSync(registry)) return main
  const linked = readdirSync(registry).flatMap((name) => {
    const file = join(registry, name, 'gitdir')
    if (!existsSync(file)) return []
    // The path of the worktree's `.git`, since git 2.48 perhaps relative to the file's own folder.
    return [dirname(resolve(dirname(file), readFileSync(file, 'utf8').trim()))]
  })
  return [...main, ...linked]
}
