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
  /** The facts of the item, as `HUSKIES_*` variables. */
  readonly facts: Readonly<Record<string, string>>
}

/** What every agent program tells while it works, in one vocabulary. */
export type AgentEvent =
  | { readonly type: 'session'; readonly id: string }
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
      readonly output: string
    }
  | { readonly type: 'cost'; readonly usd: number; readonly basis: 'measured' | 'estimated' }
  | { readonly type: 'end'; readonly ok: boolean; readonly text?: string }
  /** A line that was not understood: counted, never fatal. */
  | { readonly type: 'unknown'; readonly line: string }

/** How a run ended, judged from its events and its exit. */
export type Outcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** It ended without saying so: killed from outside, or crashed. */
  | { readonly kind: 'interrupted' }

/** Reads one run's output, a line at a time, and keeps what the outcome depends on. */
export interface OutputReader {
  /** The events of one line (without its line feed), in order. Never throws. */
  line(text: string): readonly AgentEvent[]
  /** Judges the run after its last line. `exitCode` is undefined when none was written. */
  outcome(exitCode: number | undefined): Outcome
}

/** One kind of agent program. */
export interface Runtime {
  readonly name: string
  /** How the program is started for this order. Throws `Problem` when it is not configured. */
  launch(order: RunOrder): Launch
  reader(): OutputReader
}
