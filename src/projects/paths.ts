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
 * The nearest folder, from `start` upwards, that holds `.huskies/project.toml`: for whoever changes
 * the project. An item's worktree, which has the project's settings as well, is found as itself.
 */
export function findCheckout(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isProject(folder)) return folder
    if (folder === dirname(folder)) return undefined
  }
}

/** The same for whoever only looks: from within an item's worktree it is the project that it is of. */
export function findProject(start: string): string | undefined {
  const found = findCheckout(start)
  return found && (projectOf(found) ?? found)
}

function projectOf(worktree: string): string | undefined {
  const home = dirname(worktree)
  if (!home.endsWith(worktreesEnding)) return undefined
  const checkout = home.slice(0, -worktreesEnding.length)
  return isProject(checkout) ? checkout : undefined
}

function isProject(folder: string): boolean {
  return existsSync(join(folder, '.huskies', 'project.toml'))
}
