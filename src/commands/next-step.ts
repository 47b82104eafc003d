import { dependencyState } from '../pipeline/dependencies.ts'
import type { Item } from '../pipeline/item.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { enumerated } from './wording.ts'

/** What happens to an item next, or what a person can do for it: one or two sentences. */
export function nextStep(pipeline: Pipeline, id: number): string {
  const item = pipeline.need(id)
  switch (item.stage.kind) {
    case 'upcoming':
    case 'backlog':
      return howItStarts(pipeline, item)
    case 'coding':
      return agentTakesIt(pipeline, `An agent takes it next: follow it with \`status ${id}\`.`)
    case 'qa':
      return agentTakesIt(pipeline, 'An agent judges it next.')
    case 'blocked':
      return `Wake it with \`unblock ${id}\`.`
    case 'review-hold':
      return `Decide with \`approve ${id}\` or \`reject ${id} REASON\`.`
    case 'merge':
      return 'It lands when it is its turn and its gates pass.'
    case 'merge-failure':
      return `Try again with \`start ${id}\`, unless an agent mends it first.`
    case 'merge-failure-final':
      return `Try again with \`start ${id}\`, send it back with \`reject ${id} REASON\`, or give it up with \`abandon ${id}\`.`
    case 'frozen':
      return `It goes on from here with \`unfreeze ${id}\`.`
    case 'done':
    case 'archived':
    case 'abandoned':
    case 'superseded':
    case 'rejected':
      return `Should it be done again, \`move ${id} backlog\` reopens it.`
  }
}

/** What an item in the backlog waits for. */
export function howItStarts(pipeline: Pipeline, item: Item): string {
  const { id } = item
  if (item.type === 'epic')
    return `Put items under it with \`story epic ${id} TITLE\` or \`epic N ${id}\`.`
  const { open, never, warnings } = dependencyState(item, (other) => pipeline.get(other))
  if (never.length > 0) {
    const why = never.map((each) => each.why).join(' ')
    return `${why} So it never starts by itself: start it with \`start ${id}\`, or change what it waits for with \`depends ${id}\`.`
  }
  const manual = item.stage.kind === 'backlog' && item.stage.manual === true
  if (item.dependsOn.length === 0 || manual) return `Start it with \`start ${id}\`.`
  const when =
    open.length === 0 ? 'now' : `when ${enumerated(open)} ${open.length === 1 ? 'is' : 'are'} done`
  return [`It starts by itself ${when}.`, ...warnings].join(' ')
}

function agentTakesIt(pipeline: Pipeline, otherwise: string): string {
  return pipeline.paused ? 'The pipeline is paused: an agent takes it after `resume`.' : otherwise
}
