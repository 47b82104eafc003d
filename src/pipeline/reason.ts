import type { MergeFailure, Stage, StageEvent } from './stage.ts'

/** The first line of `text` that says something, cut to 120 characters. */
export function firstLine(text: string): string {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '') ?? ''
  const letters = [...line.trim()]
  return letters.length <= 120 ? letters.join('') : `${letters.slice(0, 119).join('')}…`
}

/** Why an item stands where it stands, for a person; undefined where the stage says it all. */
export function reasonOf(stage: Stage): string | undefined {
  switch (stage.kind) {
    case 'coding':
      return stage.failure
    case 'blocked':
    case 'review-hold':
    case 'archived':
    case 'rejected':
      return stage.reason
    case 'merge-failure':
    case 'merge-failure-final':
      return describeFailure(stage.failure)
    case 'superseded':
      return `by #${stage.by}`
    default:
      return undefined
  }
}

/** What an event adds to the item's history beside its name. */
export function noteOf(event: StageEvent): string | undefined {
  switch (event.type) {
    case 'gates-failed':
    case 'fix-up':
      return firstLine(event.failure)
    case 'qa-failed':
    case 'hold':
    case 'reject':
    case 'block':
    case 'archive':
      return firstLine(event.reason)
    case 'merge-failed':
      return firstLine(describeFailure(event.failure))
    case 'merged':
      return event.repeated === undefined
        ? event.commit
        : `${event.commit}, after ${event.repeated} failed once and passed on the same tree`
    case 'supersede':
      return `by #${event.by}`
    default:
      return undefined
  }
}

/** A failed merge in words, its details from the second line on. */
export function describeFailure(failure: MergeFailure): string {
  switch (failure.kind) {
    case 'conflict':
      return `It conflicts with the base branch: ${failure.detail}`
    case 'gates':
      return `${failure.gate.step} failed (${failure.gate.class})\n${failure.gate.output}`
    case 'empty-diff':
      return 'It changes nothing that the base branch does not have already.'
    case 'no-commits':
      return 'Its branch has no commits that the base branch does not have already.'
    case 'other':
      return failure.detail
  }
}
