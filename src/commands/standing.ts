import { escapeMarkdown } from '../kernel/markdown.ts'
import { firstLine, reasonOf } from '../pipeline/reason.ts'
import type { Stage, StageKind } from '../pipeline/stage.ts'
import { shortCommit } from './wording.ts'

const phrases: { readonly [K in StageKind]: string } = {
  upcoming: 'upcoming',
  backlog: 'in the backlog',
  coding: 'in coding',
  blocked: 'blocked',
  qa: 'in QA',
  'review-hold': 'held for review',
  merge: 'in the merge queue',
  'merge-failure': 'in merge with a failure',
  'merge-failure-final': 'in merge with a failure that only a person can mend',
  done: 'done',
  archived: 'archived',
  frozen: 'frozen',
  abandoned: 'abandoned',
  superseded: 'superseded',
  rejected: 'rejected',
}

/** The stages by name, in the order of an item's life. */
export const stageKinds = Object.keys(phrases) as readonly StageKind[]

/** Where an item stands, to follow "is": `in the merge queue`, `superseded by #4`. */
export function standing(stage: Stage): string {
  if (stage.kind === 'superseded') return `superseded by #${stage.by}`
  if (stage.kind === 'done' && stage.commit !== undefined)
    return `done, as commit ${shortCommit(stage.commit)}`
  return phrases[stage.kind]
}

/** The same, with why in one line where the stage has a reason: `blocked: no network`. */
export function standingAndWhy(stage: Stage): string {
  const reason = stage.kind === 'superseded' ? undefined : reasonOf(stage)
  return reason ? `${standing(stage)}: ${escapeMarkdown(firstLine(reason))}` : standing(stage)
}
