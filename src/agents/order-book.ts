import type { Log } from '../kernel/log.ts'
import { branchOf, type Item } from '../pipeline/item.ts'
import { describeFailure } from '../pipeline/reason.ts'
import type { AgentSettings } from '../pipeline/settings.ts'
import type { Recoveries } from './commit-recovery.ts'
import { factVariables } from './facts.ts'
import { readOrientation } from './orientation.ts'
import { composePrompt } from './prompt.ts'
import type { Roster } from './roster.ts'
import type { Run, Runs } from './run.ts'
import type { RunOrder, ToolAccess } from './runtime.ts'

export interface OrderBookParts {
  readonly roster: Roster
  readonly runs: Runs
  readonly recoveries: Recoveries
  readonly baseBranch: string
  readonly log: Log
  /** How a run reaches its tools; it has none where this is missing. */
  readonly toolsFor?: (run: Run) => ToolAccess
}

/** Writes the order of each run: what its agent is told, and what it may go on from. */
export class OrderBook {
  readonly #parts: OrderBookParts

  constructor(parts: OrderBookParts) {
    this.#parts = parts
  }

  /** The order of `run` on `item`, whose worktree is `directory`. */
  write(run: Run, item: Item, directory: string): RunOrder {
    const { roster, recoveries, baseBranch, log, toolsFor } = this.#parts
    const { settings } = roster.get(run.agent)
    const failure = failureOf(item)
    const ground = { item, branch: branchOf(item), baseBranch, ...(failure && { failure }) }
    const orientation = readOrientation(directory)
    const prompt = composePrompt({
      ...ground,
      role: run.role,
      orientation,
      ...(settings.prompt !== undefined && { instructions: settings.prompt }),
      commitOnly: run.role === 'coder' && recoveries.of(item.id) !== undefined,
    })
    const sizes = { prompt: prompt.length, orientation: orientation.length }
    log.info({ run: run.id, item: item.id, ...sizes }, 'agent ordered')
    const session = this.#sessionFor(run)
    return {
      run: run.id,
      directory,
      prompt,
      ...(settings.model !== undefined && { model: settings.model }),
      ...(session !== undefined && { session }),
      ...limitsOf(settings),
      unattended: settings.permissions === 'unattended',
      ...(toolsFor && { tools: toolsFor(run) }),
      facts: factVariables({ run, ...ground }),
    }
  }

  /**
   * The session of this agent's last run on the item. A run that died before it had one leaves none,
   * so that the next starts cold: a broken session is not replayed again and again.
   */
  #sessionFor({ id, item, agent }: Run): string | undefined {
    const earlier = this.#parts.runs.of(item).filter((run) => run.id !== id)
    return earlier.find((run) => run.agent === agent)?.session
  }
}

function limitsOf(settings: AgentSettings) {
  const { max_turns, max_budget_usd, allowed_tools, disallowed_tools } = settings
  return {
    ...(max_turns !== undefined && { maxTurns: max_turns }),
    ...(max_budget_usd !== undefined && { maxBudgetUsd: max_budget_usd }),
    allowedTools: allowed_tools,
    disallowedTools: disallowed_tools,
  }
}

function failureOf({ stage }: Item): string | undefined {
  if (stage.kind === 'coding') return stage.failure
  return stage.kind === 'merge-failure' ? describeFailure(stage.failure) : undefined
}
