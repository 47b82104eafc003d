import type { AgentRole } from '../runs/run.ts'
import type { Runtime } from '../runtime.ts'

/** Under this name agent programs know the server of our tools: `mcp__huskies__item`. */
export const toolServer = 'huskies'

/** The tool that an agent program asks for a permission when its own rules give none. */
export const permissionTool = 'ask_permission'

/** All tools that a run may use of ours. None of them ever needs a permission. */
const toolNames = [
  'item',
  'tick_criterion',
  'run_gates',
  'report_verdict',
  'ask_person',
  permissionTool,
] as const

export type ToolName = (typeof toolNames)[number]

const everybodys = ['item', 'ask_person', permissionTool] as const

/** Whether this kind of program can call them; one that cannot says what it thinks by its exit code. */
export function canCallTools({ name }: Pick<Runtime, 'name'>): boolean {
  return name !== 'shell'
}

/** Which of them an agent of this role is offered; it can call no other. */
export const toolsOfRole: { readonly [R in AgentRole]: readonly ToolName[] } = {
  coder: [...everybodys, 'tick_criterion', 'run_gates'],
  qa: [...everybodys, 'run_gates', 'report_verdict'],
  mergemaster: [...everybodys, 'run_gates'],
  other: everybodys,
}
