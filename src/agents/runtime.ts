import type { Launch } from '../processes/process-host.ts'

/** What a run is asked to do, whatever program does it. */
export interface RunOrder {
  readonly run: string
  readonly directory: string
  /** The whole prompt, orientation files included; never empty. */
  readonly prompt: string
  readonly model?: string
  /** Continues this session of the same agent. */
  readonly session?: string
  readonly maxTurns?: number
  readonly maxBudgetUsd?: number
  readonly allowedTools?: readonly string[]
  readonly disallowedTools?: readonly string[]
  /** Nobody is asked for a permission; otherwise a person in the chat is. */
  readonly unattended: boolean
  /** Where this program serves the run's own tools; undefined where it serves none. */
  readonly tools?: ToolAccess
  /** The configuration folder of the account that pays; undefined for the machine's own login. */
  readonly accountHome?: string
  /** The facts of the item, as `HUSKIES_*` variables. */
  readonly facts: Readonly<Record<string, string>>
}

/** An MCP server of ours, for one run. The token belongs into a file, never an argument or variable. */
export interface ToolAccess {
  readonly url: string
  readonly token: string
}

/** A file that a program reads its configuration from: written, for its owner alone, before it starts. */
export interface RunFile {
  /** Relative to the run's own folder, which git does not see. */
  readonly name: string
  /** What is in it; or where it leads, for something that stays when the run's folder goes. */
  readonly content: { readonly text: string } | { readonly link: string }
}

/** Tokens that were used. */
export interface TokenUse {
  readonly input: number
  readonly output: number
  readonly cacheRead: number
  readonly cacheWrite: number
}

/** What a session had used by the end of an earlier run, for programs that only count on. */
export interface SessionTotals extends TokenUse {
  readonly usd: number
}

/** What every agent program tells while it works, in one vocabulary. */
export type AgentEvent =
  | { readonly type: 'session'; readonly id: string; readonly model?: string }
  /** The model has answered once. The tool calls of that answer follow it. */
  | { readonly type: 'turn' }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string }
  | {
      readonly type: 'tool-start'
      readonly id: string
      readonly name: string
      readonly input: unknown
    }
  | {
      readonly type: 'tool-end'
      readonly id: string
      readonly ok: boolean
      /** The exit code, where the tool ran a command and told it. */
      readonly exit?: number
      readonly output: string
    }
  /** A tool call that nobody allowed. */
  | { readonly type: 'denied'; readonly tool: string }
  /** The program asks its service once more by itself. */
  | {
      readonly type: 'retry'
      readonly attempt: number
      readonly status?: number
      readonly error?: string
      /** It waits so long before that, where it says so. */
      readonly afterMs?: number
    }
  /** What the service says of the account's limit; times in milliseconds. */
  | {
      readonly type: 'limit'
      readonly status: 'allowed' | 'warning' | 'refused'
      readonly window?: string
      readonly resetsAt?: number
      /** Paid overage is in use. */
      readonly overage: boolean
    }
  /** Tokens used since the last such event, each counted once. */
  | ({ readonly type: 'usage'; readonly model?: string } & TokenUse)
  /** Money used since the last such event, in the program's own words. */
  | { readonly type: 'cost'; readonly usd: number }
  /** What the session has used in all, to be handed to the reader of its next run. */
  | { readonly type: 'totals'; readonly totals: SessionTotals }
  | { readonly type: 'warning'; readonly text: string }
  | { readonly type: 'end'; readonly ok: boolean; readonly text?: string }
  /** A line that was not understood: counted, never fatal. */
  | { readonly type: 'unknown'; readonly line: string }

/** How a run ended, judged from its events and its exit. */
export type Outcome =
  /** `denied` names the tools that it was not allowed to use. */
  | { readonly kind: 'completed'; readonly denied?: readonly string[] }
  | { readonly kind: 'failed'; readonly reason: string }
  /** It ended without saying so: killed from outside, or crashed. */
  | { readonly kind: 'interrupted' }
  /** The account is at its limit, until then where the service said so. Not a failure. */
  | { readonly kind: 'limited'; readonly reason: string; readonly until?: number }
  /** The service is overloaded or has an error of its own: again later. Not a failure at first. */
  | { readonly kind: 'overloaded'; readonly reason: string }
  /** The account is not accepted or has no credit: a person has to mend it. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Its turns, its budget or the model's context are used up. */
  | {
      readonly kind: 'exhausted'
      readonly what: 'turns' | 'budget' | 'context'
      readonly reason: string
    }
  /** The session that it was to continue is not known: it starts cold. */
  | { readonly kind: 'lost-session'; readonly reason: string }

/** Reads one run's output, a line at a time, and keeps what the outcome depends on. */
export interface OutputReader {
  /** The events of one line (without its line feed), in order. Never throws. */
  line(text: string): readonly AgentEvent[]
  /**
   * Judges the run after its last line. `exitCode` is undefined when none was written; `saidAt` is when
   * it said that line, in ms since the epoch.
   */
  outcome(exitCode: number | undefined, saidAt: number): Outcome
}

/** One kind of agent program. */
export interface Runtime {
  readonly name: string
  /** The program tells of a tool call only when it is over: while it is silent, one may be open. */
  readonly tellsCallsLate?: true
  /**
   * How the program is started for this order; `folder` is the run's own, with `files` in it. Throws
   * `Problem` when it is not configured.
   */
  launch(order: RunOrder, folder: string): Launch
  /** The files that the program needs, for this order. */
  files?(order: RunOrder): readonly RunFile[]
  /** Reads the output of one run; `before` is what its session had used by then. */
  reader(before?: SessionTotals): OutputReader
}
