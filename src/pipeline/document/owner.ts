import type { Clock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import { type Answer, answersKeptMs } from './answers.ts'
import type { DocumentPipeline } from './document-pipeline.ts'
import { perform, requestHead, requestSchema } from './request.ts'
import { readAsk, writeReply } from './sync.ts'

export interface OwnerParts {
  readonly store: Store
  readonly clock: Clock
  readonly pipeline: DocumentPipeline
}

/** Forgetting is a change of the document too, so that it is done a day's worth at a time. */
const forgetEveryMs = 86_400_000

/**
 * The node that runs a project, towards those that have a copy of its document. It takes requests from
 * them and never changes: whatever they send, the document is written by this node's pipeline alone.
 */
export class Owner {
  readonly #parts: OwnerParts

  constructor(parts: OwnerParts) {
    this.#parts = parts
  }

  /**
   * Applies or refuses, once and for all, what `ask` (see `Replica.ask`) brings, in its order, and returns
   * what its sender lacks. Nothing is returned before it is stored. Throws `Problem` `bad-ask` where it
   * makes no sense.
   */
  serve(ask: Uint8Array): Uint8Array {
    const { stateVector, archived, requests } = readAsk(ask)
    const open = requests.filter((request) => this.#isOpen(request))
    if (open.length > 0) this.#parts.store.transaction(() => this.#answer(open))
    return writeReply(this.#parts.pipeline.stored.replyTo(stateVector, archived))
  }

  /** What has no answer, and was never able to have one that was forgotten. */
  #isOpen(request: unknown): boolean {
    const { answers } = this.#parts.pipeline.stored.document
    const head = requestHead.safeParse(request)
    return head.success && head.data.at > answers.forgottenUpTo && !answers.get(head.data.id)
  }

  #answer(requests: readonly unknown[]): void {
    const { clock, pipeline } = this.#parts
    const now = clock.now()
    const { stored } = pipeline
    if (stored.document.answers.forgottenUpTo < now - answersKeptMs - forgetEveryMs)
      stored.change(({ answers }) => answers.forget(now - answersKeptMs))
    for (const request of requests) {
      // It may stand twice in one ask, and be too late since a moment ago.
      if (!this.#isOpen(request)) continue
      const { id, at } = requestHead.parse(request)
      const answer: Answer = { asked: at, at: now, ...this.#decide(request) }
      stored.change(({ answers }) => answers.add(id, answer))
    }
  }

  #decide(request: unknown): Pick<Answer, 'item' | 'refused'> {
    const { store, pipeline } = this.#parts
    const read = requestSchema.safeParse(request)
    if (!read.success)
      return { refused: 'It was not understood: bring both nodes to the same version.' }
    try {
      return outcome(store.transaction(() => perform(pipeline, read.data)))
    } catch (error) {
      // A full disk makes SQLite end the whole transaction: that is no answer.
      if (!(error instanceof Problem) || !store.db.inTransaction) throw error
      return { refused: error.message }
    }
  }
}

function outcome(item: number | undefined): Pick<Answer, 'item'> {
  return item === undefined ? {} : { item }
}
