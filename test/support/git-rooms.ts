import { onTestFinished } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { GitTrunk } from '../../src/pipeline/git/trunk.ts'
import { GitWorktrees } from '../../src/pipeline/git/worktrees.ts'
import type { Generate } from '../../src/pipeline/programs/generate.ts'
import type { Squash } from '../../src/pipeline/trunk.ts'
import { FakeSetup } from './fake-setup.ts'
import { memoryStore } from './memory-store.ts'
import { type Files, RepositoryFixture } from './repository.ts'

/** Worktrees and trunk on a real repository, with setup commands that are functions. */
export class GitRooms {
  readonly fixture = new RepositoryFixture()
  readonly setup = new FakeSetup()
  readonly store = memoryStore()

  private constructor() {
    onTestFinished(() => this.store.close())
  }

  static open(): GitRooms & Rooms {
    const rooms = new GitRooms()
    return Object.assign(rooms, rooms.start())
  }

  /** What a start of the program makes of the same files. */
  start(generate?: Generate): Rooms {
    const { repository } = this.fixture
    const surroundings = { clock: systemClock, log: silentLog }
    const common = { directory: this.fixture.worktrees, setup: this.setup, ...surroundings }
    return {
      worktrees: new GitWorktrees({ repository, ...common }),
      trunk: new GitTrunk({ repository, store: this.store, generate, ...common }),
    }
  }
}

interface Rooms {
  readonly worktrees: GitWorktrees
  readonly trunk: GitTrunk
}

/** Commits these files in the item's worktree; returns the branch. */
export async function work(
  { fixture, worktrees }: GitRooms & Rooms,
  item: number,
  files: Files,
): Promise<string> {
  const branch = `feature/item-${item}`
  const { path } = await worktrees.ensure(item, branch)
  fixture.commit('work', files, path)
  return branch
}

/** The squash of a branch that can be squashed. */
export async function squashOf(trunk: GitTrunk, branch: string): Promise<Squash> {
  const result = await trunk.squash(branch, 'huskies: merge')
  if (result.kind !== 'squashed') throw new Error(`not squashed: ${result.kind}`)
  return result.squash
}
