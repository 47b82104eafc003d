import { z } from 'zod'
import { itemNumber } from '../bot/arguments.ts'
import { type Command, type CommandContext, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import type { GateJobKind } from '../pipeline/gates/gate-jobs.ts'
import { wakingEvents } from '../pipeline/reconcilers/gate-job-runner.ts'
import { askerOf } from './errands.ts'
import { operate, whatFits } from './operate.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'

/** `run_tests [N]`: what the gates say of an item's worktree, or of the project, and nothing more. */
export function runTests(services: Services): Command {
  return defineCommand({
    name: 'run_tests',
    group: 'work',
    summary:
      "Run the gates in an item's worktree, or in the project's own checkout, and say what they say",
    role: 'member',
    input: z.object({ item: itemNumber.optional() }),
    examples: ['run_tests 3', 'run_tests'],
    run: {
      change({ item }, context) {
        if (item !== undefined) needWorktree(services, item)
        begin(services, 'tests', item, context)
        const where = item === undefined ? "in the project's own checkout" : `on item ${item}`
        return `The gates run ${where}: I report when they end.`
      },
    },
  })
}

/** `recheck N`: the gates again, without an agent; what they pass goes on. */
export function recheck(services: Services): Command {
  const { pipeline, runs } = services
  return defineCommand({
    name: 'recheck',
    group: 'work',
    summary: 'Run the gates of an item again without an agent, and let it go on if they pass',
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['recheck 3'],
    run: {
      change({ item: id }, context) {
        const item = pipeline.need(id)
        const { kind } = item.stage
        if (kind === 'merge-failure' || kind === 'merge-failure-final') {
          const { stage } = operate(pipeline, id, { type: 'start' }, context, 'recheck')
          return `Item ${id} is ${standing(stage)} again: the gates judge it there, as it would land.`
        }
        if (!wakingEvents(item))
          throw new Problem(
            'not-to-be-rechecked',
            `Item ${id} is ${item.type === 'spike' ? 'a spike, which is never merged' : standing(item.stage)}, where gates decide nothing: \`run_tests ${id}\` only shows what they say. ${whatFits(item)}`,
          )
        const run = runs.activeOf(id)
        if (run)
          throw new Problem(
            'agent-at-work',
            `${escapeMarkdown(run.agent)} is on item ${id}, and the gates judge it when that ends: \`run_tests ${id}\` shows what they say now.`,
          )
        needWorktree(services, id)
        begin(services, 'recheck', id, context)
        return `The gates run on item ${id} again: if they pass, it goes on. I report when they end.`
      },
    },
  })
}

/** `coverage`: what the program says that the settings name for it. */
export function coverage(services: Services): Command {
  return defineCommand({
    name: 'coverage',
    group: 'work',
    summary:
      'Measure how much of the project its tests cover, by the program that project.toml names',
    role: 'member',
    input: z.object({}),
    examples: ['coverage'],
    run: {
      change(_, context) {
        if (!services.measuresCoverage)
          return 'No program measures it yet: name one in `.huskies/project.toml`, such as `coverage = ["npm", "run", "coverage"]` under `[gates]`, and start again.'
        begin(services, 'coverage', undefined, context)
        return 'The coverage is being measured: I report when that ends.'
      },
    },
  })
}

function needWorktree({ pipeline, worktrees }: Services, id: number): void {
  const item = pipeline.need(id)
  if (!worktrees.find(id))
    throw new Problem(
      'no-worktree',
      `Item ${id} is ${standing(item.stage)} and has no worktree, so there is nothing to judge.`,
    )
}

function begin(
  { gateJobs }: Services,
  kind: GateJobKind,
  item: number | undefined,
  context: CommandContext,
): void {
  gateJobs.begin({ kind, item, asker: askerOf(context), askedAt: context.now })
}
