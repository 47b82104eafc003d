import type { Run } from '../runs/run.ts'

/**
 * The session that `run` goes on with, of the item's earlier runs (newest first): the last one of the
 * same agent, model and account. A run that died before it had one leaves none, so that the next
 * starts cold: a broken session is not replayed again and again. Undefined for a cold start.
 */
export function sessionFor(run: Run, earlier: readonly Run[]): string | undefined {
  const own = earlier.filter(
    ({ agent, model, account }) =>
      agent === run.agent && model === run.model && account === run.account,
  )
  const last = own.find((each) => each.session !== undefined || !isSpared(each))
  return last?.session === undefined || isSpoilt(last, own) ? undefined : last.session
}

/** Its program ended without a word on how, and nobody had told it to. */
function isCutOff({ outcome, stop }: Run): boolean {
  return outcome?.kind === 'interrupted' && stop === undefined
}

/** What kept it from having a session was nothing about the session. */
function isSpared({ outcome, stop }: Run): boolean {
  if (stop) return stop.next !== 'judge'
  return (
    outcome?.kind === 'limited' || outcome?.kind === 'overloaded' || outcome?.kind === 'refused'
  )
}

/** It is not known any more, it is full, or going on with it was tried once and cut off again. */
function isSpoilt(last: Run, own: readonly Run[]): boolean {
  const { outcome, session } = last
  if (outcome?.kind === 'lost-session') return true
  if (outcome?.kind === 'exhausted') return outcome.what === 'context'
  const before = own[own.indexOf(last) + 1]
  return isCutOff(last) && before?.session === session && before !== undefined && isCutOff(before)
}
