import type { Item } from '../../src/pipeline/item.ts'
import type {
  Stage,
  StageEvent,
  StageEventType,
  StageKind,
  Work,
} from '../../src/pipeline/stage.ts'
import { anna } from './project.ts'

export const work: Work = { branch: 'feature/item-1', ahead: 2 }
export const conflict = { kind: 'conflict', detail: 'greet.sh' } as const

/** One stage of each kind. */
export const stages: { readonly [K in StageKind]: Extract<Stage, { kind: K }> } = {
  upcoming: { kind: 'upcoming' },
  backlog: { kind: 'backlog' },
  coding: { kind: 'coding', retries: 1, failure: 'test failed' },
  blocked: {
    kind: 'blocked',
    reason: 'no network',
    resumeTo: { kind: 'coding', retries: 2, failure: 'test failed' },
  },
  qa: { kind: 'qa', retries: 0, work },
  'review-hold': {
    kind: 'review-hold',
    reason: 'please look',
    resumeTo: { kind: 'qa', retries: 0, work },
  },
  merge: { kind: 'merge', work, retries: 1, since: 500 },
  'merge-failure': { kind: 'merge-failure', failure: conflict, attempts: 1, work },
  'merge-failure-final': { kind: 'merge-failure-final', failure: conflict, work },
  done: { kind: 'done', at: 700, commit: 'c0ffee' },
  archived: {
    kind: 'archived',
    at: 800,
    reason: 'swept',
    from: { kind: 'done', at: 700, commit: 'c0ffee' },
  },
  frozen: { kind: 'frozen', resumeTo: { kind: 'coding', retries: 1, failure: 'test failed' } },
  abandoned: { kind: 'abandoned' },
  superseded: { kind: 'superseded', by: 9 },
  rejected: { kind: 'rejected', reason: 'not wanted' },
}

/** One event of each type. */
export const events: { readonly [E in StageEventType]: Extract<StageEvent, { type: E }> } = {
  triage: { type: 'triage' },
  'dependencies-met': { type: 'dependencies-met' },
  start: { type: 'start' },
  'gates-passed': { type: 'gates-passed', work },
  'qa-skipped': { type: 'qa-skipped', work },
  'gates-failed': { type: 'gates-failed', failure: 'lint failed' },
  'qa-passed': { type: 'qa-passed' },
  'qa-failed': { type: 'qa-failed', reason: 'criterion 2 is not met' },
  hold: { type: 'hold', reason: 'a person decides' },
  approve: { type: 'approve' },
  reject: { type: 'reject', reason: 'too slow', close: false },
  'merge-started': { type: 'merge-started' },
  merged: { type: 'merged', commit: 'c0ffee' },
  'merge-failed': { type: 'merge-failed', failure: conflict },
  'recovery-attempted': { type: 'recovery-attempted' },
  'fix-up': { type: 'fix-up', failure: 'format failed' },
  requeue: { type: 'requeue' },
  block: { type: 'block', reason: 'no network' },
  unblock: { type: 'unblock' },
  freeze: { type: 'freeze' },
  unfreeze: { type: 'unfreeze' },
  abandon: { type: 'abandon' },
  supersede: { type: 'supersede', by: 9 },
  demote: { type: 'demote' },
  close: { type: 'close' },
  accept: { type: 'accept' },
  archive: { type: 'archive', reason: 'old' },
  reopen: { type: 'reopen' },
}

export const stageKinds = Object.keys(stages) as StageKind[]
export const eventTypes = Object.keys(events) as StageEventType[]

/** A story in the backlog, but for what `fields` say. */
export function itemWith(fields: Partial<Item> = {}): Item {
  return {
    id: 1,
    type: 'story',
    name: 'Greet',
    body: '',
    criteria: [],
    stage: stages.backlog,
    priority: 'normal',
    dependsOn: [],
    origin: anna,
    generation: 1,
    returns: 0,
    created: 1_000,
    updated: 1_000,
    ...fields,
  }
}
