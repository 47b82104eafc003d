import type { Stage, StageKind } from './stage.ts'

/** Where an item stands on the board. */
export type Column = 'backlog' | 'coding' | 'qa' | 'merge' | 'done' | 'closed' | 'archived'

/** What is special about an item in its column. */
export type Badge =
  | 'active'
  | 'blocked'
  | 'review-hold'
  | 'merge-failure'
  | 'merge-failure-final'
  | 'done'
  | 'frozen'
  | 'abandoned'
  | 'superseded'
  | 'rejected'

type Place = readonly [Column, Badge]

/** The stages whose column and badge do not depend on what they carry. */
const places: { readonly [K in Exclude<StageKind, 'blocked' | 'frozen' | 'archived'>]: Place } = {
  upcoming: ['backlog', 'active'],
  backlog: ['backlog', 'active'],
  coding: ['coding', 'active'],
  qa: ['qa', 'active'],
  'review-hold': ['qa', 'review-hold'],
  merge: ['merge', 'active'],
  'merge-failure': ['merge', 'merge-failure'],
  'merge-failure-final': ['merge', 'merge-failure-final'],
  done: ['done', 'done'],
  abandoned: ['closed', 'abandoned'],
  superseded: ['closed', 'superseded'],
  rejected: ['closed', 'rejected'],
}

/** The column of a stage: that of the stage it resumes to where it is blocked or frozen. */
export function columnOf(stage: Stage): Column {
  return placeOf(stage)[0]
}

/** The badge of a stage. */
export function badgeOf(stage: Stage): Badge {
  return placeOf(stage)[1]
}

function placeOf(stage: Stage): Place {
  switch (stage.kind) {
    case 'blocked':
      return [stage.resumeTo ? columnOf(stage.resumeTo) : 'coding', 'blocked']
    case 'frozen':
      return [columnOf(stage.resumeTo), 'frozen']
    case 'archived':
      return stage.from.kind === 'blocked' ? ['coding', 'blocked'] : ['archived', 'active']
    default:
      return places[stage.kind]
  }
}
