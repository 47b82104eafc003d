import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Where everything of one project lies. */
export interface ProjectPaths {
  /** The person's checkout. */
  readonly root: string
  /** `project.toml` and `bot.toml`, written by people. */
  readonly settings: string
  /** The database, the logs and the runs' files; never committed. */
  readonly state: string
  /** Beside the checkout and not in it, so that a dependency which is missing in a worktree is missed. */
  readonly worktrees: string
}

/** The paths of the project whose checkout is `root`. */
export function projectPaths(root: string): ProjectPaths {
  const real = realpathSync(root)
  const settings = join(real, '.huskies')
  return {
    root: real,
    settings,
    state: join(settings, 'state'),
    worktrees: join(dirname(real), `${basename(real)}${worktreesEnding}`),
  }
}

const worktreesEnding = '.worktrees'

/**
 * The nearest folder, from `start` upwards, that holds `.huskies/project.toml`. From within an item's
 * worktree, which has the project's settings as well, it is the project that the worktree is of.
 */
export function findProject(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isProject(folder)) return checkoutOf(folder) ?? folder
    if (folder === dirname(folder)) return undefined
  }
}

function checkoutOf(worktree: string): string | undefined {
  const home = dirname(worktree)
  if (!home.endsWith(worktreesEnding)) return undefined
  const checkout = home.slice(0, -worktreesEnding.length)
  return isProject(checkout) ? checkout : undefined
}

function isProject(folder: string): boolean {
  return existsSync(join(folder, '.huskies', 'project.toml'))
}
