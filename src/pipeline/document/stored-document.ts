import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Store } from '../../store/store.ts'
import type { HistoryEntry, Item } from '../item.ts'
import type { Transition } from '../pipeline.ts'
import { Archive, type Archived, type ArchivedRow, isInArchive } from './archive.ts'
import { PipelineDocument } from './document.ts'
import { ItemIndex } from './item-index.ts'
import { Journal } from './journal.ts'
import type { JournalHead } from './journal-head.ts'
import { Projection } from './projection.ts'
import { type Reply, unfitting } from './sync.ts'

/** The document, and what is computed from it. */
interface Loaded {
  readonly document: PipelineDocument
  readonly items: ItemIndex
}

/**
 * A project's document as one store has it: in memory, in the journal and as rows for queries, with the
 * archive beside it. All of them change together or not at all. The node that runs the project and every
 * node that has a copy of its document keep it by this same code.
 */
export class StoredDocument {
  readonly archive: Archive
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
    this.archive = new Archive(store)
    this.#store = store
    this.#clock = clock
    this.#journal = new Journal(store, head)
    this.#projection = new Projection(store.db)
    store.transaction(() => this.#open(log))
  }

  get document(): PipelineDocument {
    return this.#current.document
  }

  /** The items that are not in the archive. */
  get items(): ItemIndex {
    return this.#current.items
  }

  get(id: number): Item | undefined {
    return this.items.get(id) ?? this.archive.get(id)?.item
  }

  /** All items, by number. Reads all of the archive. */
  all(): readonly Item[] {
    const archived = [...this.archive.all()].map(({ item }) => item)
    const live = this.items.all()
    return archived.length === 0 ? live : [...live, ...archived].sort((a, b) => a.id - b.id)
  }

  /** Oldest first; of a deleted item too. */
  history(id: number): readonly HistoryEntry[] {
    return this.#archived(id)?.history ?? this.document.history(id)
  }

  /** Changes the document and journals the change. Part of a transaction, as all that follow. */
  change<T>(work: (document: PipelineDocument) => T): T {
    const { document } = this.#writable()
    const { result, update } = document.change(() => work(document))
    this.#append(update)
    return result
  }

  /** Stores what an item is from now on, or that it is no more, and the line of its history. */
  write({ item, entry }: Transition): void {
    const { id } = item
    const archived = this.#archived(id)
    if (isInArchive(item) && entry.event !== 'delete') {
      const history = [...(archived?.history ?? this.document.history(id)), entry]
      this.#moveToArchive([{ item, history }])
      return
    }
    this.change((document) => {
      if (archived) {
        document.noteArchived(id)
        for (const line of archived.history) document.record(id, line)
      }
      if (entry.event === 'delete') document.bury(id, { at: entry.at, by: entry.by })
      else document.put(item)
      document.record(id, entry)
    })
    if (archived) this.archive.remove(id)
    if (entry.event === 'delete') this.#remove(id)
    else this.#put(item)
  }

  /** Moves what an older program has left in the document to the archive. Does nothing the next time. */
  archiveLeftovers(): void {
    const left = this.items.inStage('archived').filter(isInArchive)
    if (left.length === 0) return
    this.#moveToArchive(left.map((item) => ({ item, history: this.document.history(item.id) })))
    this.renewIfWorn()
  }

  /**
   * Puts the next edition in the place of a document that is worn, so that a start reads little more than
   * what is there; returns whether it was. Part of a transaction. All copies are sent the whole of it
   * then, about once in as many changes as it holds.
   */
  renewIfWorn(): boolean {
    const { document, items } = this.#writable()
    if (!document.isWorn) return false
    const next = document.renewed()
    this.#replaceWith({ document: next, items })
    return true
  }

  /** What a copy lacks that has seen `stateVector`, and the archive up to `archived`. */
  replyTo(stateVector: Uint8Array, archived: number): Reply {
    const { document } = this
    const { edition } = document
    const kind = document.replyFor(stateVector)
    const archivedFrom = kind === 'whole' ? 0 : archived
    return {
      kind,
      edition,
      archivedFrom,
      archived: this.archive.since(archivedFrom),
      update: kind === 'missing' ? document.since(stateVector) : document.snapshot(),
    }
  }

  /**
   * Takes in what another copy has said. Throws `Problem` `unfitting-update` where it does not fit; then
   * the transaction has to be rolled back.
   */
  take(reply: Reply): void {
    const { document } = this.#writable()
    if (reply.kind === 'missing') {
      if (!document.isBlank && document.edition !== reply.edition) throw unfitting()
      if (document.archive.place < reply.archivedFrom) throw unfitting()
      this.#takeChanges(reply.update)
    } else {
      const whole = new PipelineDocument([])
      whole.take(reply.update)
      if (reply.kind === 'whole') this.archive.clear()
      else if (whole.replyFor(document.stateVector()) !== 'edition') throw unfitting()
      this.#takeWhole(whole)
    }
    for (const row of reply.archived) this.#takeArchived(row)
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

  #archived(id: number): Archived | undefined {
    return this.items.get(id) ? undefined : this.archive.get(id)
  }

  #append(update: Uint8Array): void {
    this.#journal.append(update, this.#clock.now(), this.document.lastNumber)
  }

  #moveToArchive(all: readonly Archived[]): void {
    const places = this.change((document) =>
      all.map(({ item }) => {
        document.drop(item.id)
        return document.noteArchived(item.id)
      }),
    )
    for (const [k, archived] of all.entries()) {
      this.#remove(archived.item.id)
      this.archive.put(archived, places[k] ?? 0)
    }
  }

  #replaceWith(loaded: Loaded): void {
    const { document } = loaded
    this.#loaded = loaded
    this.#journal.compact(document.snapshot(), this.#journal.newest + 1, this.#clock.now())
  }

  #takeWhole(document: PipelineDocument): void {
    const items = new ItemIndex(document.items())
    this.#replaceWith({ document, items })
    this.#projection.rebuild(items.all())
    for (const { id } of [...items.all(), ...document.deletions()]) this.archive.remove(id)
  }

  #takeChanges(update: Uint8Array): void {
    const { document } = this
    const taken = document.take(update)
    if (!taken) return
    this.#append(taken.update)
    for (const id of taken.changed) {
      const item = document.item(id)
      if (item) this.#put(item)
      else this.#remove(id)
      if (item || document.wasDeleted(id)) this.archive.remove(id)
    }
  }

  /** Replies come late and twice: what is in the document, or was there since, is newer. */
  #takeArchived(row: ArchivedRow): void {
    const { document } = this
    if (document.has(row.id) || document.wasDeleted(row.id)) return
    if ((this.archive.row(row.id)?.place ?? 0) < row.place) this.archive.putRow(row)
  }

  #put(item: Item): void {
    this.items.put(item)
    this.#projection.put(item)
  }

  #remove(id: number): void {
    this.items.remove(id)
    this.#projection.remove(id)
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
