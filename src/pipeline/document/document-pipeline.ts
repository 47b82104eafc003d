import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { Notices } from '../../kernel/notices.ts'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import { readCriteria, tickCriterion } from '../criteria.ts'
import { newItem, patchItem } from '../draft.ts'
import type { Actor, HistoryEntry, Item, ItemDraft, ItemPatch } from '../item.ts'
import { checkDependencies, checkEpic, checkText, type Find } from '../item-rules.ts'
import type { Pipeline, Transition } from '../pipeline.ts'
import { noteOf } from '../reason.ts'
import type { StageEvent, StageKind } from '../stage.ts'
import { transition } from '../transition.ts'
import type { JournalHead } from './journal-head.ts'
import { StoredDocument } from './stored-document.ts'

/** The stages in which an item may be waiting for the pipeline to go on. */
const agentStages: readonly StageKind[] = ['coding', 'qa', 'merge-failure']

/** The pipeline of one project, as the node has it that runs the project. */
export class DocumentPipeline implements Pipeline {
  readonly changed = new Notices<number>()
  /** What it is kept in. Only this pipeline changes items there; other nodes are given copies. */
  readonly stored: StoredDocument
  readonly #store: Store
  readonly #clock: Clock
  readonly #maxReturns: number
  readonly #witnesses: ((transition: Transition) => void)[] = []
  readonly #find: Find = (id) => this.get(id)

  /**
   * Loads what `store` has, as `StoredDocument` does. An item that came back from qa or merge
   * `maxRetries` times is blocked.
   */
  constructor(
    store: Store,
    clock: Clock,
    log: Log,
    { maxRetries, head }: { readonly maxRetries: number; readonly head?: JournalHead | undefined },
  ) {
    this.#store = store
    this.#clock = clock
    this.#maxReturns = maxRetries
    this.stored = new StoredDocument(store, clock, log, head)
    store.transaction(() => this.stored.archiveLeftovers())
  }

  create(draft: ItemDraft, by: Actor): Item {
    const now = this.#clock.now()
    const created = newItem(draft, by, now)
    checkText(created)
    checkDependencies(undefined, created.dependsOn, this.#find)
    checkEpic(created, this.#find)
    return this.#change({
      item: { id: this.stored.document.lastNumber + 1, ...created },
      entry: { at: now, by, event: 'create', to: created.stage.kind },
    })
  }

  edit(id: number, patch: ItemPatch, by: Actor): Item {
    const before = this.need(id)
    const { item, edited } = patchItem(before, patch)
    if (edited.length === 0) return before
    checkText(item)
    if (edited.includes('dependsOn')) checkDependencies(id, item.dependsOn, this.#find)
    if (edited.includes('epic')) checkEpic(item, this.#find)
    return this.#edit(item, edited.join(', '), by)
  }

  check(id: number, index: number, met: boolean, by: Actor): Item {
    const before = this.need(id)
    const body = tickCriterion(before.body, index, met)
    if (body === undefined)
      throw new Problem(
        'no-such-criterion',
        `#${id} has ${before.criteria.length} criteria and no number ${index}: look with "show ${id}".`,
      )
    if (before.criteria[index - 1]?.met === met) return before
    const item = { ...before, body, criteria: readCriteria(body) }
    return this.#edit(item, `criterion ${index} ${met ? 'met' : 'not met'}`, by)
  }

  apply(id: number, event: StageEvent, by: Actor): Item {
    const before = this.need(id)
    if (event.type === 'supersede') this.#checkSuccessor(id, event.by)
    const { type, returns, stage: from } = before
    const now = this.#clock.now()
    const result = transition(from, event, { type, now, returns, maxReturns: this.#maxReturns })
    if (!result.ok)
      throw new Problem(
        'illegal-event',
        `#${id} is a ${type} in ${from.kind}, where "${event.type}" is not possible: use ${result.legal.join(', ')}.`,
      )
    const note = noteOf(event)
    return this.#change({
      item: {
        ...before,
        stage: result.stage,
        returns: result.returns,
        generation: before.generation + (event.type === 'reopen' ? 1 : 0),
        updated: now,
      },
      entry: {
        at: now,
        by,
        event: event.type,
        from: from.kind,
        to: result.stage.kind,
        ...(note === undefined ? {} : { note }),
      },
    })
  }

  delete(id: number, by: Actor): void {
    const item = this.need(id)
    const at = this.#clock.now()
    this.#change({ item, entry: { at, by, event: 'delete', from: item.stage.kind } })
  }

  get paused(): boolean {
    return this.stored.document.paused !== undefined
  }

  get pausedBecause(): string | undefined {
    return this.stored.document.paused?.why
  }

  setPaused(paused: boolean, by: Actor): void {
    if (this.paused === paused) return
    const at = this.#clock.now()
    this.#store.transaction(() => {
      this.stored.change((document) => document.setPaused(paused ? { at, by } : null))
      for (const kind of agentStages) for (const { id } of this.inStage(kind)) this.#tell(id)
    })
  }

  get(id: number): Item | undefined {
    return this.stored.get(id)
  }

  need(id: number): Item {
    const item = this.get(id)
    if (item) return item
    throw new Problem(
      'no-such-item',
      this.stored.document.wasDeleted(id)
        ? `Item ${id} was deleted: "history ${id}" says by whom.`
        : `There is no item ${id}: look for its number with "list".`,
    )
  }

  all(): readonly Item[] {
    return this.stored.all()
  }

  live(): readonly Item[] {
    return this.stored.items.all()
  }

  inStage(kind: StageKind): readonly Item[] {
    return this.stored.items.inStage(kind)
  }

  dependents(id: number): readonly Item[] {
    return this.stored.items.dependents(id)
  }

  history(id: number): readonly HistoryEntry[] {
    return this.stored.history(id)
  }

  members(epic: number): readonly Item[] {
    const live = this.live().filter((item) => item.epic === epic)
    return [...live, ...this.stored.archive.ofEpic(epic)].sort((a, b) => a.id - b.id)
  }

  search(fits: (texts: Pick<Item, 'name' | 'body'>) => boolean): readonly Item[] {
    return [...this.live().filter(fits), ...this.stored.archive.search(fits)]
  }

  witness(witness: (transition: Transition) => void): void {
    this.#witnesses.push(witness)
  }

  #checkSuccessor(id: number, by: number): void {
    this.need(by)
    if (id === by)
      throw new Problem('bad-successor', `#${id} cannot supersede itself: name the item that does.`)
  }

  #edit(item: Item, note: string, by: Actor): Item {
    const at = this.#clock.now()
    return this.#change({
      item: { ...item, updated: at },
      entry: { at, by, event: 'edit', note },
    })
  }

  /** One change of one item: document, journal, row, history and witnesses, or none of them. */
  #change(transition: Transition): Item {
    return this.#store.transaction(() => {
      this.stored.write(transition)
      for (const witness of this.#witnesses) witness(transition)
      this.#tell(transition.item.id)
      return transition.item
    })
  }

  #tell(id: number): void {
    this.#store.afterCommit(() => this.changed.tell(id))
  }
}
