import * as Y from 'yjs'
import { readCriteria } from './criteria.ts'
import type { Actor, HistoryEntry, Item } from './item.ts'

type Stored = Omit<Item, 'id' | 'criteria'>

/** Who did it, when (in ms since the epoch), and perhaps why. */
export interface Mark {
  readonly at: number
  readonly by: Actor
  readonly why?: string
}

/** What is stored of an item. The type makes the compiler miss any field that is not named. */
const fields: { readonly [Field in keyof Required<Stored>]: true } = {
  type: true,
  name: true,
  body: true,
  stage: true,
  agent: true,
  qa: true,
  priority: true,
  dependsOn: true,
  epic: true,
  origin: true,
  generation: true,
  returns: true,
  created: true,
  updated: true,
}

/**
 * The project's Yjs document: its items, their histories, and what is left of deleted ones. Each
 * field of an item is one atomic value. It cannot roll back: after a failed commit it is thrown
 * away and read again from the journal.
 */
export class PipelineDocument {
  readonly #doc = new Y.Doc()
  readonly #items = this.#doc.getMap<Y.Map<unknown>>('items')
  readonly #histories = this.#doc.getMap<Y.Map<HistoryEntry>>('histories')
  readonly #tombstones = this.#doc.getMap<Mark>('tombstones')
  readonly #project = this.#doc.getMap<unknown>('project')
  #lastNumber: number

  /** The document that `updates` make, oldest first. Throws when one of them is missing. */
  constructor(updates: Iterable<Uint8Array>) {
    this.#doc.transact(() => {
      for (const update of updates) Y.applyUpdate(this.#doc, update)
    })
    if (this.#doc.store.pendingStructs || this.#doc.store.pendingDs)
      throw new Error('The journal of the pipeline has a gap: restore the database from a copy.')
    const used = [...this.#items.keys(), ...this.#tombstones.keys()].map(Number)
    this.#lastNumber = used.reduce((highest, id) => Math.max(highest, id), 0)
  }

  /** Runs `work`, which must change something, as one change, and returns its update as well. */
  change<T>(work: () => T): { result: T; update: Uint8Array } {
    const updates: Uint8Array[] = []
    const capture = (made: Uint8Array) => updates.push(made)
    this.#doc.on('update', capture)
    try {
      const result = this.#doc.transact(work)
      const [update] = updates
      if (!update) throw new Error('A change of the pipeline changed nothing.')
      return { result, update }
    } finally {
      this.#doc.off('update', capture)
    }
  }

  /** One update that says all of the document. */
  snapshot(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc)
  }

  /** All items, by number. */
  items(): Item[] {
    const ids = [...this.#items.keys()].map(Number).sort((a, b) => a - b)
    return ids.flatMap((id) => {
      const map = this.#items.get(String(id))
      if (!map) return []
      const stored = map.toJSON() as Stored
      return [{ ...stored, id, criteria: readCriteria(stored.body) }]
    })
  }

  /** Writes what is different in `item`. Belongs in `change`, as all that follow. */
  put(item: Item): void {
    let map = this.#items.get(String(item.id))
    if (!map) {
      map = new Y.Map()
      this.#items.set(String(item.id), map)
    }
    for (const field of Object.keys(fields) as (keyof Stored)[]) {
      const value = item[field]
      if (map.get(field) === value) continue
      if (value === undefined) map.delete(field)
      else map.set(field, value)
    }
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
    this.#tombstones.set(String(id), mark)
  }

  /** Adds one line to an item's history. */
  record(id: number, entry: HistoryEntry): void {
    let history = this.#histories.get(String(id))
    if (!history) {
      history = new Y.Map()
      this.#histories.set(String(id), history)
    }
    history.set(String(history.size), entry)
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
    const history = this.#histories.get(String(id))
    if (!history) return []
    return [...history.entries()]
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, entry]) => entry)
  }
}
