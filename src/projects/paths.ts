import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** Where everything of one project lies. */
export interface ProjectPaths {
  /** The person's checkout. */
  readonly root: string
  /** `project.toml` and `bot.toml`, written by people. */
  readonly settings: string
  /** The database, the logs and the runs' files; never committed. */
  readonly state: string
  /** Outside the checkout, so that a dependency which is missing in a worktree is missed. */
  readonly worktrees: string
}

/** The folder for what belongs to this user and to no checkout: `HUSKIES_HOME`, else `~/.huskies`. */
export function huskiesHome(env: NodeJS.ProcessEnv): string {
  return env.HUSKIES_HOME ?? join(homedir(), '.huskies')
}

/** The paths of the project at `root`; two projects of one name get different worktree folders. */
export function projectPaths(root: string, home: string): ProjectPaths {
  const real = realpathSync(root)
  const short = createHash('sha256').update(real).digest('hex').slice(0, 8)
  const settings = join(real, '.huskies')
  return {
    root: real,
    settings,
    state: join(settings, 'state'),
    worktrees: join(home, 'worktrees', `${basename(real)}-${short}`),
  }
}

/** The nearest folder, from `start` upwards, that holds `.huskies/project.toml`. */
export function findProject(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.huskies', 'project.toml'))) return folder
    if (folder === dirname(folder)) return undefined
  }
}
