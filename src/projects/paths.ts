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
    worktrees: join(dirname(real), `${basename(real)}.worktrees`),
  }
}

/** The nearest folder, from `start` upwards, that holds `.huskies/project.toml`. */
export function findProject(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.huskies', 'project.toml'))) return folder
    if (folder === dirname(folder)) return undefined
  }
}
