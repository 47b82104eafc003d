import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '../kernel/problem.ts'
import { openRepository } from '../pipeline/git/repository.ts'
import { seedSettings } from './seed.ts'

/** What `initProject` found and wrote. */
export interface Initialised {
  readonly root: string
  readonly baseBranch: string
  /** Relative to `root`. */
  readonly written: readonly string[]
}

/**
 * Makes the repository that `folder` is in a huskies project: writes commented settings files, and
 * nothing else. Throws a `Problem` when it is no repository that can be worked with, or a project
 * already.
 */
export async function initProject(folder: string, env: NodeJS.ProcessEnv): Promise<Initialised> {
  const repository = await openRepository(folder, { environment: env })
  if (existsSync(join(repository.root, '.huskies', 'project.toml')))
    throw new Problem(
      'already-a-project',
      `${repository.root} is a huskies project already: run huskies start in it.`,
    )
  const written = seedSettings(repository.root, { baseBranch: repository.base })
  return { root: repository.root, baseBranch: repository.base, written }
}
