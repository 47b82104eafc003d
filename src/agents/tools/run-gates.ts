import { z } from 'zod'
import { Problem } from '../../kernel/problem.ts'
import type { GateReport, Gates } from '../../pipeline/gates.ts'
import type { Worktrees } from '../../pipeline/worktrees.ts'
import { defineTool, type Tool } from './tool.ts'

export interface RunGatesParts {
  readonly worktrees: Pick<Worktrees, 'find'>
  readonly gates: Gates
}

/**
 * `run_gates`: what the project's checks say of the item's worktree as it is. The call lasts as long
 * as they do, and they as long as somebody waits for them: nothing has to be asked for again.
 */
export function runGatesTool({ worktrees, gates }: RunGatesParts): Tool {
  const underWay = new Set<number>()
  return defineTool({
    name: 'run_gates',
    summary:
      "Run the project's own checks (format, lint, build, tests) in your worktree, uncommitted changes included, and wait for the result. It may take many minutes. The same checks judge your work when you end.",
    input: z.object({}),
    async run(_, { item: { id }, signal }) {
      const worktree = worktrees.find(id)
      if (!worktree) throw new Problem('no-worktree', `Item ${id} has no worktree.`)
      if (underWay.has(id))
        throw new Problem(
          'gates-running',
          'The checks are running already, for an earlier call: wait for what that one says.',
        )
      underWay.add(id)
      try {
        return described(await gates.run(`item-${id}`, worktree.path, signal))
      } finally {
        underWay.delete(id)
      }
    },
  })
}

function described(report: GateReport): string {
  const time = `${Math.round(report.durationMs / 1000)} s`
  if (report.passed) return `All checks passed, in ${time}.`
  const { step, class: kind, output } = report.failure
  return `${step} failed (${kind}), after ${time}.\n\n${output.trimEnd()}`
}
