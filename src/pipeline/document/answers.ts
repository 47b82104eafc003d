import type * as Y from 'yjs'

/** For so long after a request was made, its answer is kept: thirty days. */
export const answersKeptMs = 30 * 86_400_000

/** What the owner of a document made of a request of another node. */
export interface Answer {
  /** When the request was made, in ms since the epoch. */
  readonly asked: number
  /** When it was answered. */
  readonly at: number
  /** The item that was made or changed, where it is one. */
  readonly item?: number
  /** Why nothing was changed, as a sentence. */
  readonly refused?: string
}

/**
 * The owner's answers, by the requests' ids, in the document itself: every copy tells the same of every
 * request. Answers are forgotten after a while, and what could have been answered by then is never
 * answered again. So a request that comes once more, however late, is not applied twice.
 */
export class Answers {
  readonly #answers: Y.Map<Answer>
  readonly #project: Y.Map<unknown>

  constructor(answers: Y.Map<Answer>, project: Y.Map<unknown>) {
    this.#answers = answers
    this.#project = project
  }

  get(request: string): Answer | undefined {
    return this.#answers.get(request)
  }

  /** Part of a change, as `forget` is. */
  add(request: string, answer: Answer): void {
    this.#answers.set(request, answer)
  }

  /** Requests that were made at this time or earlier can no longer be answered. */
  get forgottenUpTo(): number {
    return (this.#project.get('answersForgottenUpTo') as number | undefined) ?? 0
  }

  /** Forgets the answers to all requests that were made at `time` or earlier. It never goes back. */
  forget(time: number): void {
    for (const [request, { asked }] of [...this.#answers.entries()])
      if (asked <= time) this.#answers.delete(request)
    this.#project.set('answersForgottenUpTo', Math.max(time, this.forgottenUpTo))
  }

  copyTo(other: Answers): void {
    for (const [request, answer] of this.#answers.entries()) other.#answers.set(request, answer)
  }
}
