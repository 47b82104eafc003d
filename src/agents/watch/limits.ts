import type { AgentSettings } from '../../pipeline/settings.ts'

/** The settings of an agent that limit each of its runs. */
export type RunLimits = Pick<
  AgentSettings,
  | 'max_turns'
  | 'max_tool_turns'
  | 'max_budget_usd'
  | 'inactivity_timeout_secs'
  | 'progress_timeout_secs'
  | 'run_timeout_secs'
  | 'tool_timeout_secs'
>
