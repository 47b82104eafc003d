import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Store } from '../../store/store.ts'
import { type Answer, answersKeptMs } from './answers.ts'
import type { Request } from './request.ts'
import { StoredDocument } from './stored-document.ts'
import { readReply, writeAsk } from './sync.ts'

export interface ReplicaParts {
  /** Migrated, and of this copy alone. */
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** The node that runs the project, as people call it. */
  readonly owner: string
  /** Makes a UUID that nobody can guess. */
  readonly newId: () => string
}

/** What somebody asked for here, and what has become of it. */
export interface Asked {
  readonly request: Request
  /** `waiting for NODE`, or what came of it, in words. */
  readonly standing: string
  readonly answer?: Answer
}

/** So many requests go out at a time: the owner is to do other things between them. */
const atOnce = 500

/**
 * A project's document on a node that does not run the project. It can be read as the owner's can, also
 * while the two are apart. It is never written here: who wants a change makes a request, and the owner's
 * answer comes with the document.
 */
export class Replica {
  /** As it was when the owner was last heard. */
  readonly stored: StoredDocument
  readonly #parts: ReplicaParts
  readonly #insert
  readonly #rows
  readonly #forget

  constructor(parts: ReplicaParts) {
    const { store, clock, log } = parts
    this.#parts = parts
    this.stored = new StoredDocument(store, clock, log)
    this.#insert = store.db.prepare<[number, string]>(
      'INSERT INTO requests (at, request) VALUES (?, ?)',
    )
    this.#rows = store.db.prepare<[], string>('SELECT request FROM requests ORDER BY place').pluck()
    this.#forget = store.db.prepare<[number]>('DELETE FROM requests WHERE at <= ?')
  }

  /** Stores a request, to be sent when the owner can be reached, and returns its id. */
  request(asked: Pick<Request, 'by' | 'role' | 'deed'>): string {
    const { store, clock, newId } = this.#parts
    const request: Request = { id: newId(), at: clock.now(), ...asked }
    store.transaction(() => this.#insert.run(request.at, JSON.stringify(request)))
    return request.id
  }

  /** What was asked for here, oldest first. */
  requests(): Asked[] {
    return this.#requests().map((request) => {
      const answer = this.stored.document.answers.get(request.id)
      return { request, standing: this.#standing(request, answer), ...(answer && { answer }) }
    })
  }

  /** What the owner has to be sent: it `serve`s it, however often and in whatever order it comes. */
  ask(): Uint8Array {
    const { document } = this.stored
    const open = this.#requests().filter((request) => this.#isOpen(request))
    return writeAsk({
      stateVector: document.stateVector(),
      archived: document.archive.place,
      requests: open.slice(0, atOnce),
    })
  }

  /**
   * Takes in what the owner has said, however often and in whatever order it comes. Throws `Problem`
   * `unfitting-update`, and has changed nothing, where it is broken, or an answer to what this copy no
   * longer is: the next one brings all that is missing.
   */
  take(bytes: Uint8Array): void {
    const reply = readReply(bytes)
    this.#parts.store.transaction(() => {
      this.stored.take(reply)
      this.#forget.run(this.stored.document.answers.forgottenUpTo - answersKeptMs)
    })
  }

  #requests(): Request[] {
    return this.#rows.all().map((text) => JSON.parse(text) as Request)
  }

  #isOpen({ id, at }: Request): boolean {
    const { answers } = this.stored.document
    return !answers.get(id) && at > answers.forgottenUpTo
  }

  #standing(request: Request, answer: Answer | undefined): string {
    const { owner } = this.#parts
    if (this.#isOpen(request)) return `waiting for ${owner}`
    if (!answer) return `no longer known to ${owner}: it was asked too long ago`
    return answer.refused === undefined ? 'done' : `refused: ${answer.refused}`
  }
}
