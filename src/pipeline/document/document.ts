import * as Y from 'yjs'
import { readCriteria } from '../criteria.ts'
import type { Actor, HistoryEntry, Item } from '../item.ts'
import { type Answer, Answers } from './answers.ts'
import { Histories } from './histories.ts'
import { type ReplyKind, unfitting } from './sync.ts'

/** What is stored of an item beside its text. */
type Stored = Omit<Item, 'id' | 'body' | 'criteria'>

/** Who did it, when (in ms since the epoch), and perhaps why. */
export interface Mark {
  readonly at: number
  readonly by: Actor
  readonly why?: string
}

/** How far the archive goes, which the document has left its finished items to. */
export interface ArchiveEnd {
  /** That of the newest of its changes. */
  readonly place: number
  /** The highest number of all that was ever in it. */
  readonly number: number
}

/**
 * The project's Yjs document: its items, their histories, and what is left of deleted ones; archived
 * items are not in it. It has one writer, so that nothing in an item is ever merged: an item is one
 * atomic value, its text another, each line of a history a third, as JSON texts. That loads many times
 * faster than a map for each of them, and what nobody reads is never parsed. The document cannot roll
 * back: after a failed commit it is thrown away and read again from the journal.
 *
 * Yjs never forgets that something was there. Now and then the document is written anew, as the next
 * edition, which only has what is there now.
 */
export class PipelineDocument {
  readonly #doc = new Y.Doc()
  /** By number. An older program made a map of each item. */
  readonly #items = this.#doc.getMap<string | Y.Map<unknown>>('items')
  readonly #bodies = this.#doc.getMap<string>('bodies')
  readonly #histories = new Histories(this.#doc.getMap('lines'), this.#doc.getMap('histories'))
  readonly #tombstones = this.#doc.getMap<Mark>('tombstones')
  readonly #project = this.#doc.getMap<unknown>('project')
  /** What became of the requests of other nodes. */
  readonly answers = new Answers(this.#doc.getMap<Answer>('answers'), this.#project)
  #lastNumber: number

  /** The document that `updates` make, oldest first. Throws when one of them is missing. */
  constructor(updates: Iterable<Uint8Array>) {
    this.#doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.#doc, update)
    })
    if (this.#hasGap)
      throw new Error('The journal of the pipeline has a gap: restore the database from a copy.')
    const used = [...this.#items.keys(), ...this.#tombstones.keys()].map(Number)
    this.#lastNumber = used.reduce((highest, id) => Math.max(highest, id), this.archive.number)
  }

  /** Runs `work`, which must change something, as one change, and returns its update as well. */
  change<T>(work: () => T): { result: T; update: Uint8Array } {
    const { result, update } = this.#captured(work)
    if (!update) throw new Error('A change of the pipeline changed nothing.')
    return { result, update }
  }

  /**
   * Takes in what another copy of the document has said. Returns what was new of it as an update, and
   * the items that it changed or buried, by number; undefined when nothing was new. Throws `Problem`
   * `unfitting-update` when it is broken, or builds on what is missing here: then this document can only
   * be thrown away.
   */
  take(update: Uint8Array): { update: Uint8Array; changed: readonly number[] } | undefined {
    const ids = new Set<number>()
    const note = ({ keysChanged }: { readonly keysChanged: ReadonlySet<string> }) => {
      for (const id of keysChanged) ids.add(Number(id))
    }
    const watched = [this.#items, this.#tombstones]
    for (const map of watched) map.observe(note)
    const taken = this.#captured(() => applyForeign(this.#doc, update))
    for (const map of watched) map.unobserve(note)
    if (this.#hasGap) throw unfitting()
    const changed = [...ids].sort((a, b) => a - b)
    this.#lastNumber = Math.max(this.#lastNumber, changed.at(-1) ?? 0, this.archive.number)
    return taken.update && { update: taken.update, changed }
  }

  /** What this copy has seen, as another one needs it for `since`. */
  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.#doc)
  }

  /**
   * What a copy has to be told that has seen `stateVector`: what it is missing; the present edition, where
   * it has a part of an earlier one; the whole, where it has seen what was never said here. Throws where
   * that is no state vector.
   */
  replyFor(stateVector: Uint8Array): ReplyKind {
    const seen = [...Y.decodeStateVector(stateVector)]
    const here = (client: number) => Y.getState(this.#doc.store, client)
    if (seen.every(([client, clock]) => clock <= here(client))) return 'missing'
    const earlier = this.#earlier
    const isKnown = seen.every(
      ([client, clock]) => clock <= Math.max(here(client), earlier[client] ?? 0),
    )
    return isKnown ? 'edition' : 'whole'
  }

  /** One update with everything that a copy is missing. */
  since(stateVector: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc, stateVector)
  }

  /** What tells the editions of the document apart; 0 for the first. */
  get edition(): number {
    return (this.#project.get('edition') as number | undefined) ?? 0
  }

  /** Whether nothing was ever written to it. */
  get isBlank(): boolean {
    return this.#doc.store.clients.size === 0
  }

  /** Whether a third of it only says that something was there, and was replaced or removed. */
  get isWorn(): boolean {
    const seen = [...Y.decodeStateVector(this.stateVector()).values()]
    const written = seen.reduce((sum, clock) => sum + clock, 0)
    const there = [...this.#doc.share.keys()].reduce(
      (sum, map) => sum + this.#doc.getMap(map).size,
      0,
    )
    return written > 1.5 * there
  }

  /** The next edition: a document of its own that says the same. */
  renewed(): PipelineDocument {
    const next = new PipelineDocument([])
    next.change(() => {
      for (const [id, stored] of this.#items.entries()) {
        if (typeof stored === 'string') next.#items.set(id, stored)
        else next.put(this.#read(id, stored))
      }
      for (const [id, body] of this.#bodies.entries()) next.#bodies.set(id, body)
      for (const [id, mark] of this.#tombstones.entries()) next.#tombstones.set(id, mark)
      this.#histories.copyTo(next.#histories)
      this.answers.copyTo(next.answers)
      for (const [key, value] of this.#project.entries()) next.#project.set(key, value)
      next.#project.set('edition', next.#doc.clientID)
      const seen = Y.decodeStateVector(this.stateVector())
      next.#project.set('earlier', { ...this.#earlier, ...Object.fromEntries(seen) })
    })
    next.#lastNumber = this.#lastNumber
    return next
  }

  /** How much of each writer the earlier editions had. */
  get #earlier(): Readonly<Record<number, number>> {
    return (this.#project.get('earlier') as Record<number, number> | undefined) ?? {}
  }

  /** One update that says all of the document. */
  snapshot(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc)
  }

  /** All items, by number. */
  items(): Item[] {
    const items: Item[] = []
    for (const [id, stored] of this.#items.entries()) items.push(this.#read(id, stored))
    return items.sort((a, b) => a.id - b.id)
  }

  item(id: number): Item | undefined {
    const stored = this.#items.get(String(id))
    return stored === undefined ? undefined : this.#read(String(id), stored)
  }

  /** Writes `item`. Belongs in `change`, as all that follow. */
  put({ id, body, criteria, ...stored }: Item): void {
    if (body !== (this.#bodies.get(String(id)) ?? '')) this.#bodies.set(String(id), body)
    this.#items.set(String(id), JSON.stringify(stored))
    this.#lastNumber = Math.max(this.#lastNumber, id)
  }

  /** Removes an item with its history, which go to the archive. */
  drop(id: number): void {
    this.#histories.drop(id)
    this.#items.delete(String(id))
    this.#bodies.delete(String(id))
  }

  get archive(): ArchiveEnd {
    return (this.#project.get('archive') as ArchiveEnd | undefined) ?? { place: 0, number: 0 }
  }

  /**
   * Says that item `id` came to the archive, left it or changed in it; returns the place of that, which is
   * above `place` too.
   */
  noteArchived(id: number, place = 0): number {
    const before = this.archive
    const end = {
      place: Math.max(place, before.place) + 1,
      number: Math.max(before.number, id),
    }
    this.#project.set('archive', end)
    this.#lastNumber = Math.max(this.#lastNumber, id)
    return end.place
  }

  /** The highest number that any item ever had: the next one is one above. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  /** Leaves only the tombstone and the history of an item. */
  bury(id: number, mark: Mark): void {
    this.#items.delete(String(id))
    this.#bodies.delete(String(id))
    this.#tombstones.set(String(id), mark)
  }

  /** Adds one line to an item's history. */
  record(id: number, entry: HistoryEntry): void {
    this.#histories.add(id, entry)
  }

  /** Pauses the project, or lets it go on. */
  setPaused(mark: Mark | null): void {
    this.#project.set('paused', mark)
  }

  /** Who paused the project; undefined while it is not. */
  get paused(): Mark | undefined {
    return (this.#project.get('paused') as Mark | null | undefined) ?? undefined
  }

  /** The deleted items, by number. */
  deletions(): (Mark & { readonly id: number })[] {
    return [...this.#tombstones.entries()]
      .map(([id, mark]) => ({ id: Number(id), ...mark }))
      .sort((a, b) => a.id - b.id)
  }

  has(id: number): boolean {
    return this.#items.has(String(id))
  }

  wasDeleted(id: number): boolean {
    return this.#tombstones.has(String(id))
  }

  /** The history of an item, oldest first; of a deleted one too. */
  history(id: number): HistoryEntry[] {
    return this.#histories.of(id)
  }

  #read(id: string, stored: string | Y.Map<unknown>): Item {
    const isText = typeof stored === 'string'
    const fields: Stored = isText ? JSON.parse(stored) : stored.toJSON()
    const body = ((isText ? this.#bodies.get(id) : stored.get('body')) ?? '') as string
    // The fields are fresh, and nobody else's.
    return Object.assign(fields, { id: Number(id), body, criteria: readCriteria(body) })
  }

  get #hasGap(): boolean {
    const { pendingStructs, pendingDs } = this.#doc.store
    return pendingStructs !== null || pendingDs !== null
  }

  /** Runs `work` as one change; there is no update where it changed nothing. */
  #captured<T>(work: () => T): { result: T; update: Uint8Array | undefined } {
    const updates: Uint8Array[] = []
    const capture = (made: Uint8Array) => updates.push(made)
    this.#doc.on('update', capture)
    try {
      const result = this.#doc.transact(work)
      return { result, update: updates[0] }
    } finally {
      this.#doc.off('update', capture)
    }
  }
}

function applyForeign(doc: Y.Doc, update: Uint8Array): void {
  try {
    Y.applyUpdate(doc, update)
  } catch (cause) {
    throw unfitting(cause)
  }
}
