import type { Clock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import type { Run } from '../runs/run.ts'
import { type FollowedRun, followOutput } from './follow-output.ts'
import { openShell, type PersonTerminal } from './person-shell.ts'

/** What a person is joined to. */
export interface AttachTarget {
  readonly item: number
  /** The item's last run, where it has one. */
  readonly run?: FollowedRun & Pick<Run, 'identity' | 'state'>
  /** The folder of the item's worktree; missing where it has none. */
  readonly worktree?: string
  /** The facts of the item, as `HUSKIES_*` variables. */
  readonly facts: Readonly<Record<string, string>>
}

export interface AttachParts {
  readonly host: ProcessHost
  readonly clock: Clock
  readonly terminal: PersonTerminal
  /** The person's own environment: it is their shell. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * Joins a person's terminal to an item: while its run is alive, by following what it says; else by a
 * shell of theirs in its worktree. Returns the exit code for the command line: the shell's, or 0
 * once the run that was followed has ended. The run is never touched, also when the person leaves.
 *
 * Throws `Problem` `no-worktree` where there is nothing to be joined to.
 */
export async function attach(target: AttachTarget, parts: AttachParts): Promise<number> {
  const { item, run, worktree, facts } = target
  const { host, clock, terminal, environment } = parts
  const { identity } = run ?? {}
  // One that was just started may not be known by its process yet.
  const isOver = identity
    ? async () => !host.isAlive(identity)
    : async () => run?.state === 'ended' || !(await host.living()).includes(run?.id ?? '')
  if (run && !(await isOver())) {
    await followOutput(host, clock, run, isOver, terminal.output)
    return 0
  }
  if (worktree === undefined)
    throw new Problem(
      'no-worktree',
      `Item ${item} has no worktree and no agent: "start ${item}" gives it both.`,
    )
  return openShell(worktree, { ...environment, ...facts }, terminal, clock)
}
