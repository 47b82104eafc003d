import type { GateFailure } from './stage.ts'

/** What the gates said of one tree. `output` is the head and tail of all that was printed, bounded. */
export type GateReport =
  | { readonly passed: true; readonly output: string; readonly durationMs: number }
  | {
      readonly passed: false
      readonly failure: GateFailure
      readonly output: string
      readonly durationMs: number
    }

/** The project's own checks. */
export interface Gates {
  /**
   * Ends what earlier gate runs of `key` left behind, runs every step in `directory` until one
   * fails, and ends all that they started. `key` names the item or the merge queue. A step that
   * outlives its time limit fails. `signal` cancels: then it rejects with the signal's reason.
   */
  run(key: string, directory: string, signal: AbortSignal): Promise<GateReport>
}
