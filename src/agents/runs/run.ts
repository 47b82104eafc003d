import type { ProcessIdentity } from '../../processes/process-host.ts'
import type { Outcome } from '../runtime.ts'

/** Which part of the pipeline an agent may work in; `other` is started only by name. */
export type AgentRole = 'coder' | 'qa' | 'mergemaster' | 'other'

/**
 * claimed: the slot is taken, nothing is spawned yet. running: a process was spawned. exited: its
 * whole process tree is verified gone, its work is not judged yet. ended: over; the slot is free.
 */
export type RunState = 'claimed' | 'running' | 'exited' | 'ended'

/** Why a run was told to stop, stored before anything is signalled. */
export interface StopIntent {
  readonly reason: string
  /** The person or the reconciler. */
  readonly by: string
  /**
   * What happens to the item once the run is dead. judge: what it left is judged as if it had ended
   * by itself. reassign and nothing: its work is not judged, the item stays where it is.
   */
  readonly next: 'block' | 'hold' | 'judge' | 'reassign' | 'nothing'
  /** As what it is judged then; a plain failure for this reason where it is missing. */
  readonly outcome?: Outcome
}

/** One start of one agent on one item: the claim and the process in one row. */
export interface Run {
  readonly id: string
  readonly item: number
  readonly agent: string
  readonly role: AgentRole
  /** Which account pays it, by its key. */
  readonly account: string
  /** Missing where the program chooses it. */
  readonly model?: string
  readonly state: RunState
  /** The fencing token: higher than that of every earlier claim. Later effects check it. */
  readonly token: number
  /** 1 for the first run of the item since it entered its stage. */
  readonly attempt: number
  readonly identity?: ProcessIdentity
  /** How far its output was read. */
  readonly offset: number
  readonly session?: string
  readonly stop?: StopIntent
  readonly outcome?: Outcome
  /** Until when the account is near its limit, or beyond it and paid for: the run goes on. */
  readonly throttledUntil?: number
  /** Processes that a kill could not end: the slot stays taken until a person releases it. */
  readonly survivors?: readonly number[]
  readonly startedAt: number
  readonly endedAt?: number
}

/**
 * The record of all runs. An item has at most one that is not ended (those of role `other` apart),
 * and an agent's name at most one that is claimed or running.
 */
export interface Runs {
  /** All that are not ended, oldest first. */
  active(): readonly Run[]
  activeOf(item: number): Run | undefined
  get(id: string): Run | undefined
  /** All runs of an item, newest first. */
  of(item: number): readonly Run[]
  /**
   * Counts a run with survivors as exited, because a person said so: it is judged, and its slot is
   * free. Undefined when no run of the item has survivors.
   */
  release(item: number): Run | undefined
}
