import type { Stage, Work } from './stage.ts'

/** What an item goes on with once it is no longer blocked, held or frozen. */
export function unpaused(stage: Stage): Stage {
  const paused = stage.kind === 'blocked' || stage.kind === 'review-hold' || stage.kind === 'frozen'
  return paused && stage.resumeTo ? unpaused(stage.resumeTo) : stage
}

/** The branch that waits behind a stage, where it is known. */
export function workOf(stage: Stage): Work | undefined {
  const inner = unpaused(stage)
  return 'work' in inner ? inner.work : undefined
}
