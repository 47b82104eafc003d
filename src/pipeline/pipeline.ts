import type { Notices } from '../kernel/notices.ts'
import type { Actor, HistoryEntry, Item, ItemDraft, ItemPatch } from './item.ts'
import type { StageEvent, StageKind } from './stage.ts'

/** One change of one item, as it stands in the history. */
export interface Transition {
  /** As it is after the change. */
  readonly item: Item
  readonly entry: HistoryEntry
}

/**
 * The work items of one project and the only way to change them. Every change is synchronous and is
 * one transaction (or part of the caller's): the document's update in the journal, the projected row
 * and the history entry together. What a person can cause is thrown as `Problem` and has changed
 * nothing: `no-such-item`, `illegal-event` (naming the legal ones), `dependency-cycle`, ...
 */
export interface Pipeline {
  create(draft: ItemDraft, by: Actor): Item
  edit(id: number, patch: ItemPatch, by: Actor): Item
  /** Ticks or unticks criterion `index` (from 1). */
  check(id: number, index: number, met: boolean, by: Actor): Item
  apply(id: number, event: StageEvent, by: Actor): Item
  /** Leaves a tombstone: the number is never used again. */
  delete(id: number, by: Actor): void
  /** No new agents anywhere while paused. */
  readonly paused: boolean
  /** Why the program itself has paused it, as a sentence; undefined where a person has. */
  readonly pausedBecause: string | undefined
  setPaused(paused: boolean, by: Actor): void

  get(id: number): Item | undefined
  /** As `get`, but throws `Problem` `no-such-item` with a sentence for a person. */
  need(id: number): Item
  /** All items, by number. Reads all of the archive, which takes seconds in an old project. */
  all(): readonly Item[]
  /** The items that are not in the archive, by number. */
  live(): readonly Item[]
  /** The live items of one stage, by number; costs no more than their count. */
  inStage(kind: StageKind): readonly Item[]
  /** Live items that depend directly on `id`. */
  dependents(id: number): readonly Item[]
  /** The items that an epic groups, archived ones included, by number. */
  members(epic: number): readonly Item[]
  /** The items whose name and text `fits` says yes to, archived ones included. */
  search(fits: (texts: Pick<Item, 'name' | 'body'>) => boolean): readonly Item[]
  /** Oldest first. */
  history(id: number): readonly HistoryEntry[]

  /** Told after each stored change, with the item's id. A hint. */
  readonly changed: Notices<number>
  /**
   * Has `witness` called inside the transaction of every change: what it stores (a message to a
   * room) is stored with the change or not at all. It must not change items.
   */
  witness(witness: (transition: Transition) => void): void
}
