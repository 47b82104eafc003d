import { join } from 'node:path'
import { Problem } from './kernel/problem.ts'
import { isWithinRun } from './processes/installation.ts'
import { openDatabase, type ProjectDatabase } from './projects/database.ts'
import { refuseOtherCheckout } from './projects/other-checkout.ts'
import type { ProjectPaths } from './projects/paths.ts'
import { openState } from './projects/state.ts'
import { acquireLock } from './store/lock.ts'

/** A project's state, which nobody else serves meanwhile. */
export interface ProjectState extends ProjectDatabase {
  close(): void
}

export interface StateOptions {
  readonly paths: ProjectPaths
  /** Where all checkouts of the repository keep what they share. */
  readonly commonDirectory: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** In ms since the epoch. */
  readonly now: number
}

/**
 * Opens the state of the project for this program alone. Throws a `Problem`, and has changed nothing,
 * when another program has it, when it was started by one of the project's own agents, or when its
 * items are kept in another checkout.
 */
export function openProjectState({ paths, commonDirectory, env, now }: StateOptions): ProjectState {
  if (isWithinRun(paths.state, env))
    throw new Problem(
      'within-run',
      'This is an agent or a gate of the project itself, which never opens its items: try huskies in a clone.',
    )
  refuseOtherCheckout(paths.root, commonDirectory)
  openState(paths)
  const lock = acquireLock(join(paths.state, 'lock'), { pid: process.pid, now })
  try {
    const { store, head } = openDatabase(paths.state, now)
    const close = () => {
      store.close()
      lock.release()
    }
    return { store, head, close }
  } catch (error) {
    lock.release()
    throw error
  }
}
