import type { Entry, Inbox, StoredQuestion } from '../../src/bot/inbox.ts'
import { type IncomingMessage, sessionOf } from '../../src/bot/message.ts'
import type { Draft, Outbox, Parcel, Queued, Unfinished } from '../../src/bot/outbox.ts'
import type { Transactions } from '../../src/bot/persist.ts'
import { Notices } from '../../src/kernel/notices.ts'

/** Transactions of boxes that are in memory: there is nothing to commit. */
export const memoryTransactions: Transactions = {
  commit: async (work) => work(),
  commitUnguarded: async (work) => work(),
  transaction: (work) => work(),
  afterCommit: (leave) => leave(),
}

/** An inbox that forgets everything with its process. */
export class MemoryInbox implements Inbox {
  readonly #events = new RecentEvents()
  readonly #open = new Map<number, Entry>()
  readonly #questions = new Map<number, StoredQuestion>()
  #last = 0

  async accept(message: IncomingMessage): Promise<Entry | undefined> {
    return this.add(message)
  }

  add(message: IncomingMessage): Entry | undefined {
    if (this.#events.has(message)) return undefined
    const entry: Entry = { ...message, id: ++this.#last, session: sessionOf(message) }
    this.#open.set(entry.id, entry)
    return entry
  }

  unfinished(): readonly Entry[] {
    return [...this.#open.values()]
  }

  edit(id: number, text: string): void {
    this.#replace(id, (entry) => ({ ...entry, text }))
  }

  begin(ids: readonly number[]): void {
    const [batch = 0] = ids
    for (const id of ids)
      this.#replace(id, (entry) => ({ ...entry, interrupted: { batch, said: false } }))
  }

  said(ids: readonly number[]): void {
    const [batch = 0] = ids
    for (const id of ids)
      this.#replace(id, (entry) => ({ ...entry, interrupted: { batch, said: true } }))
  }

  done(id: number): void {
    this.#open.delete(id)
  }

  ask(id: number, yes: string, until: number): void {
    const entry = this.#open.get(id)
    if (entry) this.#questions.set(id, { entry, yes, until })
  }

  answered(id: number): void {
    this.#questions.delete(id)
  }

  questions(): readonly StoredQuestion[] {
    return [...this.#questions.values()]
  }

  #replace(id: number, change: (entry: Entry) => Entry): void {
    const entry = this.#open.get(id)
    if (entry) this.#open.set(id, change(entry))
  }
}

/** Knows the last thousand events of a network at least: none delivers older ones again. */
class RecentEvents {
  readonly #networks = new Map<string, { newer: Set<string>; older: Set<string> }>()

  /** Whether the event was here before; it is known from then on. */
  has({ transport, eventId }: IncomingMessage): boolean {
    let known = this.#networks.get(transport)
    if (!known) {
      known = { newer: new Set(), older: new Set() }
      this.#networks.set(transport, known)
    }
    if (known.newer.has(eventId) || known.older.has(eventId)) return true
    known.newer.add(eventId)
    if (known.newer.size < 1000) return false
    known.older = known.newer
    known.newer = new Set()
    return false
  }
}

/** An outbox that forgets everything with its process. */
export class MemoryOutbox implements Outbox {
  readonly queued = new Notices<Queued>()
  readonly #drafts = new Map<number, Draft>()
  readonly #ids = new Map<string, number>()
  #last = 0

  enqueue(draft: Draft): number {
    const known = draft.key === undefined ? undefined : this.#ids.get(draft.key)
    if (known !== undefined) return known
    const id = ++this.#last
    if (draft.key !== undefined) this.#ids.set(draft.key, id)
    this.#drafts.set(id, draft)
    this.queued.tell({ id, transport: draft.transport, room: draft.room })
    return id
  }

  edit(id: number, text: string): void {
    const draft = this.#drafts.get(id)
    if (draft) this.#drafts.set(id, { ...draft, text })
  }

  isSent(id: number): boolean {
    return !this.#drafts.has(id)
  }

  unfinished(): readonly Unfinished[] {
    return []
  }

  take(id: number): Parcel {
    const draft = this.#drafts.get(id)
    if (!draft) throw new Error(`There is no message ${id}.`)
    return { message: { ...draft, id: String(id) }, partsSent: 0, repeatable: false }
  }

  sent(id: number): void {
    this.#drafts.delete(id)
  }

  putBack(): void {}

  failed(id: number): void {
    this.#drafts.delete(id)
  }

  doubted(id: number): void {
    this.#drafts.delete(id)
  }

  find(outgoingId: string): Draft | undefined {
    return this.#drafts.get(Number(outgoingId))
  }
}
