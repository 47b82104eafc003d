import type { KillReport } from '../../processes/process-host.ts'

/** Whether a kill left nothing: neither a survivor nor a process that might be one. */
export function isDead(report: KillReport): boolean {
  return leftPids(report).length === 0
}

/** The processes that a kill left, and those that could not be looked into. */
export function leftPids({ survivors, unverified }: KillReport): readonly number[] {
  return [...survivors.map(({ pid }) => pid), ...unverified]
}
