import type { Asks } from '../../bot/asks.ts'
import type { Role } from '../../bot/command.ts'
import type { Place } from '../../bot/message.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Gates } from '../../pipeline/gates.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import type { Worktrees } from '../../pipeline/worktrees.ts'
import type { Store } from '../../store/store.ts'
import type { Verdicts } from '../judging/qa-verdict.ts'
import type { RunTokens } from '../runs/run-tokens.ts'
import { askPermissionTool } from './ask-permission.ts'
import { askPersonTool } from './ask-person.ts'
import { itemTool } from './item.ts'
import { toolsOfRole } from './names.ts'
import type { PermissionRules } from './permission-rules.ts'
import { reportVerdictTool } from './report-verdict.ts'
import { runGatesTool } from './run-gates.ts'
import { tickCriterionTool } from './tick-criterion.ts'
import type { OfferedTool, Tool } from './tool.ts'

export interface RunToolsParts {
  readonly store: Store
  readonly pipeline: Pick<Pipeline, 'get' | 'check' | 'history'>
  readonly worktrees: Pick<Worktrees, 'find'>
  readonly gates: Gates
  readonly tokens: Pick<RunTokens, 'runOf'>
  readonly verdicts: Verdicts
  readonly rules: PermissionRules
  readonly asks: Asks
  /** Where somebody of this role is asked about an item. */
  readonly placesOf: (item: number, role: Role) => readonly Place[]
  readonly permissionTimeoutMs: number
  readonly baseBranch: string
}

/**
 * What runs may use of ours. Who calls is told by the token alone, and each tool is handed the item
 * of that run: there is no argument by which another item could be named.
 */
export class RunTools {
  readonly #parts: RunToolsParts
  readonly #tools: readonly Tool[]
  /** How many calls of each run are under way. */
  readonly #calls = new Map<string, number>()

  constructor(parts: RunToolsParts) {
    const { pipeline, asks, rules, placesOf, permissionTimeoutMs: timeoutMs } = parts
    this.#parts = parts
    this.#tools = [
      itemTool(pipeline, parts.baseBranch),
      tickCriterionTool(pipeline),
      runGatesTool(parts),
      reportVerdictTool(parts),
      askPersonTool({ asks, placesOf }),
      askPermissionTool({ asks, rules, timeoutMs }, placesOf),
    ]
  }

  /** The tools of the run that has this token; undefined where no living run has. */
  offeredTo(token: string): readonly OfferedTool[] | undefined {
    const run = this.#parts.tokens.runOf(token)
    if (!run) return undefined
    return this.#tools
      .filter(({ name }) => toolsOfRole[run.role].includes(name))
      .map((tool) => ({ ...tool, call: (input, signal) => this.#call(tool, token, input, signal) }))
  }

  /** Whether the run waits for one of our tools: it may well be silent meanwhile. */
  isWaiting(run: string): boolean {
    return this.#calls.has(run)
  }

  async #call(
    tool: Tool,
    token: string,
    input: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<string> {
    const run = this.#parts.tokens.runOf(token)
    const item = run && this.#parts.pipeline.get(run.item)
    if (!item) throw new Problem('run-over', 'Your run is over, or its item is gone: end now.')
    this.#calls.set(run.id, (this.#calls.get(run.id) ?? 0) + 1)
    try {
      return await tool.run(input, { run, item, signal })
    } finally {
      const left = (this.#calls.get(run.id) ?? 1) - 1
      if (left > 0) this.#calls.set(run.id, left)
      else this.#calls.delete(run.id)
    }
  }
}
