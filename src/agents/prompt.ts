import type { Item } from '../pipeline/item.ts'
import { describePast, type Past } from './past.ts'
import type { AgentRole } from './run.ts'

/** Everything that an agent is told when it starts. */
export interface PromptParts {
  readonly item: Item
  readonly role: AgentRole
  readonly branch: string
  readonly baseBranch: string
  /** The project's orientation files, bounded. */
  readonly orientation: string
  /** The agent's own prompt from the settings. */
  readonly instructions?: string
  /** What went before; missing for a first run. */
  readonly past?: Past
  /** What the last attempt failed with. */
  readonly failure?: string
  /** The last run ended with uncommitted work and no commit. */
  readonly commitOnly: boolean
}

/** Composes an agent's prompt. It is never empty: an empty one crashes a resumed session. */
export function composePrompt(parts: PromptParts): string {
  const sections = [
    parts.orientation,
    itemSection(parts.item),
    parts.instructions ?? duties[parts.role],
    groundSection(parts),
    describePast(parts.past),
    parts.commitOnly ? commitYourWork : '',
    failureSection(parts.failure),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

const duties: { readonly [R in AgentRole]: string } = {
  coder:
    'Do this work item: change the code, add tests for it, and commit your work with a clear message.',
  qa: 'Judge this work item: read its whole difference to the base branch against each criterion. End with exit code 0 if all are met; else say what is missing and end with another code.',
  mergemaster:
    'This work item does not go together with the base branch, which is merged into your worktree as far as git could: "git status" names what conflicts. If no merge is under way and none was made, merge it yourself. Resolve every conflict so that both sides keep their meaning, see to it that the checks pass, and commit.',
  other: 'Look at this work item as you were set up to.',
}

const commitYourWork =
  'Your last run ended with changes that are not committed. Commit your work: finish what is missing, then commit everything that belongs to the item.'

function itemSection({ id, type, name, body, criteria }: Item): string {
  const open = criteria.filter(({ met }) => !met).length
  const left = criteria.length > 0 ? `\n\nCriteria still open: ${open} of ${criteria.length}.` : ''
  return `# Item ${id}: ${name}\n\nType: ${type}${body.trim() === '' ? '' : `\n\n${body.trim()}`}${left}`
}

function groundSection({ branch, baseBranch }: PromptParts): string {
  return `You work in a git worktree of your own, on branch ${branch}, which started from ${baseBranch}. Commit on this branch, do not switch to another one, and change nothing outside this folder.`
}

function failureSection(failure: string | undefined): string {
  return failure === undefined ? '' : `# The last attempt failed\n\n${failure.trim()}`
}
