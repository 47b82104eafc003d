import { Problem } from '../kernel/problem.ts'
import type { Role } from './command.ts'
import type { Person, Place } from './message.ts'

/** One or more free-text messages of a session, answered together. */
export interface ChatBatch {
  readonly session: string
  readonly place: Place
  /** All texts, joined by blank lines, each with its sender's name where senders differ. */
  readonly text: string
  readonly askers: readonly Person[]
  /** What each of them may do. */
  readonly role: Role
  /** The inbox's id of the first of the messages. */
  readonly entry: number
  /** True when an earlier run of this very batch was cut off, by a crash or by a limit. */
  readonly interrupted: boolean
}

/**
 * No answer can be had before `until`, in ms since the epoch: the batch is kept until then, and the
 * sentence is told once.
 */
export class Postponed extends Problem {
  readonly until: number

  constructor(sentence: string, until: number) {
    super('postponed', sentence)
    this.until = until
  }
}

/** Answers free text. The first implementation is any command; a coding agent is another. */
export interface ChatRun {
  /**
   * Answers the batch; each call of `say` is one paragraph of the reply, stored before it returns.
   * When `signal` is aborted it ends everything that it started, and then resolves. Throws
   * `Problem` when no answer can be had; its sentence is the reply. After a `Postponed` the batch is
   * run again at its time, as one that was interrupted.
   */
  run(batch: ChatBatch, say: (paragraph: string) => void, signal: AbortSignal): Promise<void>
}
