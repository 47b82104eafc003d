import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Store } from '../store/store.ts'
import { PipelineDocument } from './document.ts'
import type { Item } from './item.ts'
import { ItemIndex } from './item-index.ts'
import { Journal } from './journal.ts'
import type { JournalHead } from './journal-head.ts'
import { Projection } from './projection.ts'

/** The document, and what is computed from it. */
interface Loaded {
  readonly document: PipelineDocument
  readonly items: ItemIndex
}

/**
 * A project's document as one store has it: in memory, in the journal and as rows for queries. All
 * three change together or not at all. The node that runs the project and every node that has a copy
 * of its document keep it by this same code.
 */
export class StoredDocument {
  readonly #store: Store
  readonly #clock: Clock
  readonly #journal: Journal
  readonly #projection: Projection
  #loaded: Loaded | undefined

  /**
   * Loads the document from the journal, and proves that the rows say what the document says; those
   * that do not are rebuilt, with a warning in `log`. Throws `Problem` `damaged-journal` if the journal
   * cannot be trusted. `head` is told how far the journal goes.
   */
  constructor(store: Store, clock: Clock, log: Log, head?: JournalHead) {
    this.#store = store
    this.#clock = clock
    this.#journal = new Journal(store, head)
    this.#projection = new Projection(store.db)
    store.transaction(() => this.#open(log))
  }

  get document(): PipelineDocument {
    return this.#current.document
  }

  get items(): ItemIndex {
    return this.#current.items
  }

  /** Changes the document and journals the change. Part of a transaction, as all that follow. */
  change<T>(work: (document: PipelineDocument) => T): T {
    const { document } = this.#writable()
    const { result, update } = document.change(() => work(document))
    this.#append(update)
    return result
  }

  /** Has memory and rows say what `item` says. */
  put(item: Item): void {
    this.items.put(item)
    this.#projection.put(item)
  }

  /** Removes an item from memory and rows. */
  remove(id: number): void {
    this.items.remove(id)
    this.#projection.remove(id)
  }

  /** Takes in what another copy has said. Throws `Problem` `unfitting-update` where it does not fit. */
  take(update: Uint8Array): void {
    const { document } = this.#writable()
    const taken = document.take(update)
    if (!taken) return
    this.#append(taken.update)
    for (const id of taken.changed) {
      const item = document.item(id)
      if (item) this.put(item)
      else this.remove(id)
    }
  }

  /** Puts the document that `update` alone makes in the place of this one. Throws as `take` does. */
  replace(update: Uint8Array): void {
    this.#writable()
    const document = new PipelineDocument([])
    document.take(update)
    this.#loaded = { document, items: new ItemIndex(document.items()) }
    this.#journal.compact(update, this.#journal.newest + 1, this.#clock.now())
    this.#projection.rebuild(this.items.all())
  }

  /** Read from the journal at the start, and again after each transaction that was rolled back. */
  get #current(): Loaded {
    this.#loaded ??= load(this.#journal.read())
    return this.#loaded
  }

  /** Yjs cannot roll back: if the transaction does, all is read anew. */
  #writable(): Loaded {
    this.#store.onRollback(() => {
      this.#loaded = undefined
    })
    return this.#current
  }

  #append(update: Uint8Array): void {
    this.#journal.append(update, this.#clock.now(), this.document.lastNumber)
  }

  #open(log: Log): void {
    const items = this.items.all()
    if (this.#projection.matches(items)) return
    this.#projection.rebuild(items)
    log.warn({ items: items.length }, 'The table of items had drifted and was rebuilt.')
  }
}

function load(updates: readonly Uint8Array[]): Loaded {
  const document = new PipelineDocument(updates)
  return { document, items: new ItemIndex(document.items()) }
}
