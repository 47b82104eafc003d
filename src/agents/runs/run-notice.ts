import type { KillReport } from '../../processes/process-host.ts'
import type { AgentEvent } from '../runtime.ts'
import type { Run } from './run.ts'

/** What happened to a run, for whoever shows it. A hint: the truth is in the runs and their files. */
export type RunNotice =
  | { readonly type: 'started'; readonly run: Run }
  | { readonly type: 'output'; readonly run: Run; readonly events: readonly AgentEvent[] }
  /** Its account is near its limit, or beyond it and paid for, until `run.throttledUntil`. */
  | { readonly type: 'throttled'; readonly run: Run; readonly overage: boolean }
  /** It is verified dead; `run.outcome` says how it ended. */
  | { readonly type: 'finished'; readonly run: Run }
  /** A kill left these processes: the item stays occupied until a person releases it. */
  | { readonly type: 'survived'; readonly run: Run; readonly report: KillReport }
