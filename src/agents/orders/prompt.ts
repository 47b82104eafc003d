import type { Item } from '../../pipeline/item.ts'
import type { AgentRole } from '../runs/run.ts'
import { toolServer } from '../tools/names.ts'
import { describePast, type Past } from './past.ts'

/** Everything that an agent is told when it starts. */
export interface PromptParts {
  readonly item: Item
  readonly role: AgentRole
  readonly branch: string
  readonly baseBranch: string
  /** Whether it has our tools. */
  readonly tools: boolean
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
    closingSection(parts),
    describePast(parts.past),
    parts.commitOnly ? commitYourWork : '',
    failureSection(parts.failure),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

const duties: { readonly [R in AgentRole]: string } = {
  coder:
    'Do this work item: change the code, add tests for it, and commit your work with a clear message.',
  qa: 'Judge this work item. Read its whole difference to the base branch, and what stands around it. Decide for each criterion whether the code does it and a test shows it, and look for what is wrong beside the criteria. Believe what you read and run, not what commit messages say.',
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

function groundSection({ role, branch, baseBranch }: PromptParts): string {
  if (role === 'qa')
    return `The work is in this git worktree, on branch ${branch}: "git diff ${baseBranch}...HEAD" shows all of it. Change nothing, here or elsewhere.`
  return `You work in a git worktree of your own, on branch ${branch}, which started from ${baseBranch}. Commit on this branch, do not switch to another one, and change nothing outside this folder.`
}

/** How it tells us what came of its work; also where the settings have a prompt of their own. */
function closingSection({ role, tools }: PromptParts): string {
  if (tools) return `${withTools[role]} ${askSparingly}`
  return role === 'qa'
    ? 'End with exit code 0 if all criteria are met; else say what is missing and end with another code.'
    : ''
}

const ofTheServer = `of the server "${toolServer}"`
const withTools: { readonly [R in AgentRole]: string } = {
  coder: `Use the tools ${ofTheServer}: "run_gates" runs the checks that will judge your work, "tick_criterion" marks a criterion that is met.`,
  qa: `Use the tools ${ofTheServer}: "item" shows the numbered criteria, "run_gates" runs the project's checks. End with "report_verdict": for each criterion whether it is met and why, and whether the item passes, which needs all of them. Only that report counts: without one you are started again.`,
  mergemaster: `Use the tools ${ofTheServer}: "item" shows what the work is for, "run_gates" runs the checks that will judge the merge. Run them before you commit.`,
  other: `Use the tools ${ofTheServer}: "item" shows the item with its history.`,
}
const askSparingly =
  'With "ask_person" you can ask the people of the project what you can neither find out nor decide.'

function failureSection(failure: string | undefined): string {
  return failure === undefined ? '' : `# The last attempt failed\n\n${failure.trim()}`
}
