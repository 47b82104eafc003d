import { join } from 'node:path'
import { branchOf, type Workplace } from './workplace.ts'

/** Makes a queue ready, with the stories in it in their order. What it resolves with empties it once. */
export type Queue = (place: Workplace, stories: readonly number[]) => Promise<Empty>
/** Tells of each story that has landed. */
type Empty = (landed: (story: number) => void) => Promise<void>

/** What git alone takes for the steps that no queue can leave out, gates included. */
export const limit: Queue = async (place, stories) => {
  const worktree = join(place.folder, 'limit')
  await place.git('worktree', 'add', '--quiet', '--detach', worktree, 'main')
  return async (landed) => {
    for (const story of stories) {
      const base = await place.git('rev-parse', 'main')
      const tree = await place
        .gitIn(worktree, 'merge-tree', '--write-tree', base, branchOf(story))
        .catch(() => undefined)
      if (tree === undefined) continue
      const commit = await place.git('commit-tree', '-p', base, '-m', `story ${story}`, tree)
      await place.gitIn(worktree, 'reset', '--hard', '--quiet', commit)
      if (!(await place.judge(worktree)) && !(await place.judge(worktree))) continue
      await place.git('update-ref', 'refs/heads/main', commit, base)
      await place.git('read-tree', '-m', '-u', base, commit)
      landed(story)
    }
  }
}

/** One after another in a checkout, as most scripts do it. */
export const serial: Queue = async (place, stories) => async (landed) => {
  for (const story of stories) {
    const base = await place.git('rev-parse', 'main')
    const merged = await mergedInto(place, place.root, [story])
    const isGood =
      merged.length > 0 && ((await place.judge(place.root)) || (await place.judge(place.root)))
    if (isGood) landed(story)
    else await place.git('reset', '--hard', '--quiet', base)
  }
}

/** As bors: a batch is merged into a branch of its own, judged once, and split in halves where it is red. */
export function bors(batch: number): Queue {
  return async (place, stories) => {
    const staging = join(place.folder, 'staging')
    await place.git('worktree', 'add', '--quiet', '--detach', staging, 'main')
    return async (landed) => {
      const queue: (readonly number[])[] = []
      for (let at = 0; at < stories.length; at += batch) queue.push(stories.slice(at, at + batch))
      for (let some = queue.shift(); some; some = queue.shift()) {
        await place.gitIn(staging, 'reset', '--hard', '--quiet', 'main')
        const merged = await mergedInto(place, staging, some)
        if (merged.length === 0) continue
        const isAlone = merged.length === 1
        if ((await place.judge(staging)) || (isAlone && (await place.judge(staging)))) {
          const head = await place.gitIn(staging, 'rev-parse', 'HEAD')
          await place.git('merge', '--quiet', '--ff-only', head)
          for (const story of merged) landed(story)
        } else if (!isAlone) {
          const half = Math.ceil(merged.length / 2)
          queue.unshift(merged.slice(0, half), merged.slice(half))
        }
      }
    }
  }
}

/** Squashes the stories there, one commit each; those that conflict are left out. */
async function mergedInto(
  place: Workplace,
  directory: string,
  stories: readonly number[],
): Promise<number[]> {
  const merged: number[] = []
  for (const story of stories)
    try {
      await place.gitIn(directory, 'merge', '--quiet', '--squash', branchOf(story))
      await place.gitIn(directory, 'commit', '--quiet', '-m', `story ${story}`)
      merged.push(story)
    } catch {
      await place.gitIn(directory, 'reset', '--hard', '--quiet', 'HEAD')
    }
  return merged
}
