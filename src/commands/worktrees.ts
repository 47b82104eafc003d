import { z } from 'zod'
import { itemNumber, option } from '../bot/arguments.ts'
import { type Command, defineCommand } from '../bot/command.ts'
import { escapeMarkdown } from '../kernel/markdown.ts'
import { Problem } from '../kernel/problem.ts'
import { unpaused } from '../pipeline/paused.ts'
import type { StageKind } from '../pipeline/stage.ts'
import type { Worktree } from '../pipeline/worktrees.ts'
import { membersOnly } from './rights.ts'
import type { Services } from './services.ts'
import { standing } from './standing.ts'
import { counted, enumerated } from './wording.ts'

/** `worktrees [--confirm]`: which there are, and removing those that no item needs any more. */
export function worktrees(services: Services): Command {
  return defineCommand({
    name: 'worktrees',
    aliases: ['cleanup_worktrees'],
    group: 'work',
    summary: 'List the worktrees; with `--confirm`, remove those that no item needs any more',
    role: 'viewer',
    input: z.object({ confirm: option(z.boolean()).optional() }),
    examples: ['worktrees', 'worktrees --confirm'],
    run: {
      async answer({ confirm }, context) {
        const all = services.worktrees.all()
        if (confirm) membersOnly(context, 'remove worktrees')
        const orphans = all.filter((worktree) => useOf(services, worktree) === 'orphaned')
        const shown = confirm ? orphans : all
        const lines: string[] = []
        for (const worktree of shown) lines.push(await describe(services, worktree))
        if (!confirm) return listing(lines, orphans)
        if (orphans.length === 0) return 'No worktree is to be removed: every item needs its own.'
        for (const { item } of orphans) await services.worktrees.remove(item)
        return `${counted(orphans.length, 'worktree is', 'worktrees are')} removed. \`recover N\` brings one back with all that was in it.\n${lines.join('\n')}`
      },
    },
  })
}

/** `rmtree N`: removes one, also that of an item which waits in the backlog. */
export function rmtree(services: Services): Command {
  return defineCommand({
    name: 'rmtree',
    group: 'work',
    summary: "Remove an item's worktree, after a question where it holds work that is not merged",
    role: 'member',
    input: z.object({ item: itemNumber }),
    examples: ['rmtree 3'],
    run: {
      async answer({ item: id }, { confirmed }) {
        const worktree = services.worktrees.all().find(({ item }) => item === id)
        if (!worktree)
          throw new Problem('no-worktree', `Item ${id} has no worktree: \`worktrees\` lists them.`)
        if (useOf(services, worktree) === 'needed') throw neededProblem(services, id)
        const work = await unmerged(services, worktree)
        if (work !== undefined && !confirmed)
          return {
            text: `The worktree of item ${id} holds ${work}. Remove it all the same? \`recover ${id}\` brings it back.`,
            confirm: { yes: 'Remove it' },
          }
        await services.worktrees.remove(id)
        return `The worktree of item ${id} is removed: \`recover ${id}\` brings it back.`
      },
    },
  })
}

const over: ReadonlySet<StageKind> = new Set([
  'done',
  'archived',
  'abandoned',
  'superseded',
  'rejected',
])

/** needed: its item is under way. kept: its item waits in the backlog and may go on with it. */
type Use = 'needed' | 'kept' | 'orphaned'

function useOf({ pipeline, runs }: Services, { item: id }: Worktree): Use {
  if (runs.activeOf(id)) return 'needed'
  const item = pipeline.get(id)
  if (!item) return 'orphaned'
  const { kind } = unpaused(item.stage)
  if (over.has(item.stage.kind) || over.has(kind)) return 'orphaned'
  return kind === 'backlog' || kind === 'upcoming' ? 'kept' : 'needed'
}

function neededProblem({ pipeline, runs }: Services, id: number): Problem {
  const run = runs.activeOf(id)
  const item = pipeline.get(id)
  return new Problem(
    'worktree-needed',
    run || !item
      ? `${escapeMarkdown(run?.agent ?? 'An agent')} is on item ${id} and needs its worktree: \`stop ${id}\` ends that.`
      : `Item ${id} is ${standing(item.stage)} and needs its worktree: \`abandon ${id}\` or \`move ${id} backlog\` comes first.`,
  )
}

function listing(lines: readonly string[], orphans: readonly Worktree[]): string {
  if (lines.length === 0) return 'There are no worktrees: an item gets one when it starts.'
  const end =
    orphans.length === 0
      ? 'Each is needed, or kept for an item that waits.'
      : `No item needs ${enumerated(orphans.map(({ item }) => item))} any more: \`worktrees --confirm\` removes what is there, \`rmtree N\` one alone.`
  return `${lines.join('\n')}\n\n${end}`
}

async function describe(services: Services, worktree: Worktree): Promise<string> {
  const { item: id, path, recovered } = worktree
  const item = services.pipeline.get(id)
  const facts = [
    item ? standing(item.stage) : 'deleted',
    ...(recovered ? ['brought back by `recover`'] : []),
    `with ${(await unmerged(services, worktree)) ?? 'nothing that is not merged'}`,
  ]
  return `- #${id} in \`${path}\`: ${facts.join(', ')}`
}

/** The work in it that the base branch does not have; undefined where there is none. */
async function unmerged(
  { worktrees, facts }: Services,
  { item, branch }: Worktree,
): Promise<string | undefined> {
  const work = await worktrees.state(item).catch(noneIfBroken)
  if (!work) return 'what a crash has left of it'
  const { ahead, uncommitted } = work
  const isMerged = ahead === 0 || (await facts.contains(branch))
  const commits = `${counted(ahead, 'commit', 'commits')} that ${ahead === 1 ? 'is' : 'are'} not merged`
  const files = `${counted(uncommitted.length, 'file', 'files')} not committed`
  const found = [...(isMerged ? [] : [commits]), ...(uncommitted.length === 0 ? [] : [files])]
  return found.length === 0 ? undefined : found.join(' and ')
}

function noneIfBroken(error: unknown): undefined {
  if (!(error instanceof Problem && error.code === 'no-worktree')) throw error
}
