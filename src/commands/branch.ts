import { z } from 'zod'
import { type Command, defineCommand } from '../bot/command.ts'
import { codeSpan, escapeMarkdown } from '../kernel/markdown.ts'
import type { BranchState } from '../pipeline/branch-facts.ts'
import type { Services } from './services.ts'
import { counted, enumerated, shortCommit } from './wording.ts'

const mostPaths = 10
const mostFiles = 15

/** `git`: how the base branch and the project's checkout stand. */
export function git({ facts, worktrees }: Services): Command {
  return defineCommand({
    name: 'git',
    group: 'look',
    summary: 'Show how the base branch stands, and what is not committed in the checkout',
    role: 'viewer',
    input: z.object({}),
    examples: ['git'],
    run: {
      async answer() {
        const state = await facts.state()
        const items = worktrees.all().map(({ item }) => item)
        const { base, head, checkedOut } = state
        return [
          `- ${codeSpan(base)} is at ${shortCommit(head.id)}: ${escapeMarkdown(head.subject)}`,
          `- ${upstream(state)}`,
          ...(checkedOut === base ? [] : [`- Checked out is ${codeSpan(checkedOut)}`]),
          `- ${uncommitted(state)}`,
          `- Worktrees: ${items.length === 0 ? 'none' : enumerated(items)}`,
        ].join('\n')
      },
    },
  })
}

/** `loc`: the longest files, and how long all of them are. */
export function loc({ facts }: Services): Command {
  return defineCommand({
    name: 'loc',
    group: 'look',
    summary: 'Show the longest text files of the base branch, and how many lines there are in all',
    role: 'viewer',
    input: z.object({}),
    examples: ['loc'],
    run: {
      async answer() {
        const files = await facts.files()
        const total = files.reduce((sum, { lines }) => sum + lines, 0)
        const longest = files
          .slice(0, mostFiles)
          .map(({ path, lines }) => `- ${lines} ${codeSpan(path)}`)
        return [
          `${counted(total, 'line', 'lines')} in ${counted(files.length, 'text file', 'text files')}:`,
          ...longest,
        ].join('\n')
      },
    },
  })
}

function upstream({ upstream }: BranchState): string {
  if (!upstream) return 'It follows no branch of a remote'
  const { name, ahead, behind } = upstream
  if (ahead === 0 && behind === 0)
    return `It is where ${codeSpan(name)} was when that was last fetched`
  const apart = [
    ...(ahead > 0 ? [`${ahead} ahead of`] : []),
    ...(behind > 0 ? [`${behind} behind`] : []),
  ]
  return `It is ${apart.join(' and ')} ${codeSpan(name)}, as that was last fetched`
}

function uncommitted({ uncommitted }: BranchState): string {
  if (uncommitted.length === 0) return 'Everything is committed'
  const more = uncommitted.length - mostPaths
  const paths = uncommitted.slice(0, mostPaths).map(codeSpan).join(', ')
  return `Not committed: ${paths}${more > 0 ? ` and ${more} more` : ''}`
}
