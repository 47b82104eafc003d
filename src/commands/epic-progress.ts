import type { Item } from '../pipeline/item.ts'
import { unpaused } from '../pipeline/paused.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { Stage } from '../pipeline/stage.ts'
import { standing } from './standing.ts'
import { counted, titled } from './wording.ts'

/** How far the items of an epic are, a line each under how many are done; nothing for other items. */
export function epicProgress({ id, type }: Item, pipeline: Pipeline): string[] {
  if (type !== 'epic') return []
  const members = pipeline.members(id)
  if (members.length === 0) return ['It groups no items yet.']
  const done = members.filter(({ stage }) => isDone(stage)).length
  const closed = members.filter(({ stage }) => isGivenUp(stage)).length
  const rest = closed > 0 ? `, ${closed} given up` : ''
  const lines = members.map((item) => `  - ${titled(item)}: ${standing(item.stage)}`)
  const total = counted(members.length, 'item', 'items')
  return [[`${done} of ${total} done${rest}:`, ...lines].join('\n')]
}

function isDone(stage: Stage): boolean {
  const inner = unpaused(stage)
  return inner.kind === 'archived' ? isDone(inner.from) : inner.kind === 'done'
}

function isGivenUp(stage: Stage): boolean {
  if (stage.kind === 'archived') return !isDone(stage)
  return ['abandoned', 'superseded', 'rejected'].includes(stage.kind)
}
