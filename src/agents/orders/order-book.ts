import type { Log } from '../../kernel/log.ts'
import { branchOf, type Item } from '../../pipeline/item.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { describeFailure } from '../../pipeline/reason.ts'
import type { AgentSettings } from '../../pipeline/settings.ts'
import type { ProcessHost } from '../../processes/process-host.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Recoveries } from '../judging/commit-recovery.ts'
import type { Roster } from '../roster.ts'
import { lastLines } from '../runs/last-lines.ts'
import type { Run, Runs } from '../runs/run.ts'
import type { RunOrder, ToolAccess } from '../runtime.ts'
import { canCallTools } from '../tools/names.ts'
import { factVariables } from './facts.ts'
import { readOrientation } from './orientation.ts'
import { type Past, whatCutShort } from './past.ts'
import { composePrompt } from './prompt.ts'
import { sessionFor } from './session.ts'

export interface OrderBookParts {
  readonly roster: Roster
  readonly pipeline: Pick<Pipeline, 'history'>
  readonly accounts: Accounts
  readonly host: Pick<ProcessHost, 'read'>
  readonly runs: Runs
  readonly recoveries: Recoveries
  readonly baseBranch: string
  readonly log: Log
  /** How a run reaches its tools; it has none where this is missing. */
  readonly toolsFor?: (run: Run) => ToolAccess
}

const mostLastWords = 20
const mostEvents = 20

/** Writes the order of each run: what its agent is told, and what it may go on from. */
export class OrderBook {
  readonly #parts: OrderBookParts

  constructor(parts: OrderBookParts) {
    this.#parts = parts
  }

  /** The order of `run` on `item`, whose worktree is `directory`. */
  write(run: Run, item: Item, directory: string): RunOrder {
    const { roster, runs, accounts, recoveries, baseBranch, log, toolsFor } = this.#parts
    const { settings, runtime } = roster.get(run.agent)
    const tools = canCallTools(runtime) ? toolsFor?.(run) : undefined
    const failure = failureOf(item)
    const ground = { item, branch: branchOf(item), baseBranch, ...(failure && { failure }) }
    const orientation = readOrientation(directory)
    const earlier = runs.of(item.id).filter(({ id, role }) => id !== run.id && role === run.role)
    const session = sessionFor(run, earlier)
    const past = this.#past(earlier, session !== undefined)
    const prompt = composePrompt({
      ...ground,
      role: run.role,
      tools: tools !== undefined,
      orientation,
      ...(past && { past }),
      ...(settings.prompt !== undefined && { instructions: settings.prompt }),
      commitOnly: run.role === 'coder' && recoveries.of(item.id) !== undefined,
    })
    const sizes = { prompt: prompt.length, orientation: orientation.length }
    log.info({ run: run.id, item: item.id, ...sizes }, 'agent ordered')
    const accountHome = accounts.homeOf(run.account)
    return {
      run: run.id,
      directory,
      prompt,
      ...(run.model !== undefined && { model: run.model }),
      ...(session !== undefined && { session }),
      ...limitsOf(settings),
      ...(accountHome !== undefined && { accountHome }),
      unattended: settings.permissions === 'unattended',
      ...(tools && { tools }),
      facts: factVariables({ run, ...ground }),
    }
  }

  /** Undefined for the item's first run in this role. */
  #past([last]: readonly Run[], remembered: boolean): Past | undefined {
    const { host, roster, pipeline } = this.#parts
    if (!last) return undefined
    const cutShort = whatCutShort(last)
    const forgotten = cutShort !== undefined && !remembered
    const reader = roster.get(last.agent).runtime.reader()
    return {
      cutShort,
      remembered,
      lastWords: forgotten ? lastLines(host, last, reader, mostLastWords) : [],
      since: pipeline
        .history(last.item)
        .filter(
          ({ at, by, event }) => (at > last.startedAt || by.id === last.id) && event !== 'edit',
        )
        .slice(-mostEvents),
    }
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
