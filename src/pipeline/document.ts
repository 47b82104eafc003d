import * as Y from 'yjs'
import { Problem } from '../kernel/problem.ts'
import { type Answer, Answers } from './answers.ts'
import { readCriteria } from './criteria.ts'
import type { Actor, HistoryEntry, Item } from './item.ts'

/** What is stored of an item beside its text. */
type Stored = Omit<Item, 'id' | 'body' | 'criteria'>

/** Who did it, when (in ms since the epoch), and perhaps why. */
export interface Mark {
  readonly at: number
  readonly by: Actor
  readonly why?: string
}

/**
 * The project's Yjs document: its items, their histories, and what is left of deleted ones. It has one
 * writer, so that nothing in an item is ever merged: an item is one atomic value, its text another, each
 * line of a history a third, as JSON texts. That loads many times faster than a map for each of them, and
 * what nobody reads is never parsed. The document cannot roll back: after a failed commit it is thrown
 * away and read again from the journal.
 */
export class PipelineDocument {
  readonly #doc = new Y.Doc()
  /** By number, as `lines` are by number and place. An older program made a map of each item. */
  readonly #items = this.#doc.getMap<string | Y.Map<unknown>>('items')
  readonly #bodies = this.#doc.getMap<string>('bodies')
  readonly #lines = this.#doc.getMap<string>('lines')
  /** The lines that an older program wrote; they come first. */
  readonly #histories = this.#doc.getMap<Y.Map<HistoryEntry>>('histories')
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
    this.#lastNumber = used.reduce((highest, id) => Math.max(highest, id), 0)
  }

  /** Runs `work`, which must change something, as one change, and returns its update as well. */
  change<T>(work: () => T): { result: T; update: Uint8Array } {
    const { result, update } = this.#captured(work)
    if (!update) throw new Error('A change of the pipeline changed nothing.')
    return { result, update }
  }

  /**
   * Takes in what another copy of the document has said. Returns what was new of it as an update, and
   * the items that it changed, by number; undefined when nothing was new. Throws `Problem`
   * `unfitting-update` when it is broken, or builds on what is missing here: then this document can only
   * be thrown away.
   */
  take(update: Uint8Array): { update: Uint8Array; changed: readonly number[] } | undefined {
    const changed: number[] = []
    const note = ({ keysChanged }: { readonly keysChanged: ReadonlySet<string> }) => {
      for (const id of keysChanged) changed.push(Number(id))
    }
    this.#items.observe(note)
    const taken = this.#captured(() => applyForeign(this.#doc, update))
    this.#items.unobserve(note)
    if (this.#hasGap) throw unfitting()
    changed.sort((a, b) => a - b)
    this.#lastNumber = Math.max(this.#lastNumber, changed.at(-1) ?? 0)
    return taken.update && { update: taken.update, changed }
  }

  /** What this copy has seen, as another one needs it for `since`. */
  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.#doc)
  }

  /**
   * One update with everything that a copy lacks which has seen `stateVector`; undefined when that copy
   * has seen what this one has not. Throws where it is no state vector.
   */
  since(stateVector: Uint8Array): Uint8Array | undefined {
    const here = Y.decodeStateVector(this.stateVector())
    for (const [client, clock] of Y.decodeStateVector(stateVector))
      if (clock > (here.get(client) ?? 0)) return undefined
    return Y.encodeStateAsUpdate(this.#doc, stateVector)
  }

  /** One update that says all of the document. */
  snapshot(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc)
  }

  /** All items, by number. */
  items(): Item[] {
    const ids = [...this.#items.keys()].map(Number).sort((a, b) => a - b)
    return ids.flatMap((id) => this.item(id) ?? [])
  }

  item(id: number): Item | undefined {
    const stored = this.#items.get(String(id))
    if (!stored) return undefined
    const fields: Stored = stored instanceof Y.Map ? stored.toJSON() : JSON.parse(stored)
    const body = this.#bodyOf(id)
    return { ...fields, id, body, criteria: readCriteria(body) }
  }

  /** Writes `item`. Belongs in `change`, as all that follow. */
  put({ id, body, criteria, ...stored }: Item): void {
    if (body !== (this.#bodies.get(String(id)) ?? '')) this.#bodies.set(String(id), body)
    this.#items.set(String(id), JSON.stringify(stored))
  }

  /** The highest number that any item ever had. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  /** A number that no item ever had: one above the highest of all items and tombstones. */
  takeNumber(): number {
    this.#lastNumber += 1
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
    let place = this.#histories.get(String(id))?.size ?? 0
    while (this.#lines.has(`${id}/${place}`)) place += 1
    this.#lines.set(`${id}/${place}`, JSON.stringify(entry))
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

  wasDeleted(id: number): boolean {
    return this.#tombstones.has(String(id))
  }

  /** The history of an item, oldest first; of a deleted one too. */
  history(id: number): HistoryEntry[] {
    const earlier = [...(this.#histories.get(String(id))?.entries() ?? [])]
    const history = earlier.sort(([a], [b]) => Number(a) - Number(b)).map(([, entry]) => entry)
    for (;;) {
      const line = this.#lines.get(`${id}/${history.length}`)
      if (line === undefined) return history
      history.push(JSON.parse(line))
    }
  }

  #bodyOf(id: number): string {
    const stored = this.#items.get(String(id))
    const body = stored instanceof Y.Map ? stored.get('body') : this.#bodies.get(String(id))
    return (body ?? '') as string
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

function unfitting(cause?: unknown): Problem {
  return new Problem(
    'unfitting-update',
    'What the other node said does not fit what is here: ask it again.',
    { cause },
  )
}
