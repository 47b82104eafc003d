import type { AgentEvent } from '../runtime.ts'

/** One look at a run. */
export interface Tick {
  /** Since the look before, in ms. The caller bounds it: a machine that slept has aged no run. */
  readonly elapsedMs: number
  /** It waits for one of our own tools, which minds its time itself: gates, or a person's answer. */
  readonly waits: boolean
  /** Processor time that the run's processes have used so far. Costs something: asked only when needed. */
  readonly cpuMs: () => number
  /** Why there is no money left for its item, or today for anything; undefined while there is some. */
  readonly broke: { readonly item: string | undefined; readonly today: string | undefined }
}

/** Why a run must not go on, and what becomes of what it has done. */
export interface Breach {
  /** A whole sentence, for the next agent and for people. */
  readonly reason: string
  /** judge: as if it had ended by itself, badly. reassign: nobody's fault, so nothing is counted. */
  readonly next: 'judge' | 'reassign'
}

/** Minds one limit of one run. What it answers depends on what it was told and on nothing else. */
export interface Guard {
  /** Something was printed; `events` is what was understood of it, and may be empty. */
  observe(events: readonly AgentEvent[]): void
  check(tick: Tick): Breach | undefined
}

/** The breach of a limit that the run itself is to be blamed for. */
export function itsFault(reason: string): Breach {
  return { reason, next: 'judge' }
}
