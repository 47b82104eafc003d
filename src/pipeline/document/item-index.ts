import type { Item } from '../item.ts'
import type { StageKind } from '../stage.ts'

/** The items in memory, found by number, by stage and by what they depend on. */
export class ItemIndex {
  readonly #items = new Map<number, Item>()
  readonly #byStage = new Map<StageKind, Set<number>>()
  readonly #dependents = new Map<number, Set<number>>()
  #all: readonly Item[] | undefined

  constructor(items: Iterable<Item>) {
    for (const item of items) this.put(item)
  }

  get(id: number): Item | undefined {
    return this.#items.get(id)
  }

  /** All items, by number. The array is made once for each change and is never changed. */
  all(): readonly Item[] {
    this.#all ??= [...this.#items.values()].sort((a, b) => a.id - b.id)
    return this.#all
  }

  /** The items of one stage, by number. */
  inStage(kind: StageKind): Item[] {
    return this.#collect(this.#byStage.get(kind))
  }

  /** The items that depend directly on `id`, by number. */
  dependents(id: number): Item[] {
    return this.#collect(this.#dependents.get(id))
  }

  put(item: Item): void {
    const before = this.#items.get(item.id)
    if (before) this.#unlink(before)
    this.#items.set(item.id, item)
    add(this.#byStage, item.stage.kind, item.id)
    for (const id of item.dependsOn) add(this.#dependents, id, item.id)
    this.#all = undefined
  }

  remove(id: number): void {
    const item = this.#items.get(id)
    if (!item) return
    this.#unlink(item)
    this.#items.delete(id)
    this.#all = undefined
  }

  #unlink(item: Item): void {
    this.#byStage.get(item.stage.kind)?.delete(item.id)
    for (const id of item.dependsOn) this.#dependents.get(id)?.delete(item.id)
  }

  #collect(ids: ReadonlySet<number> | undefined): Item[] {
    const sorted = [...(ids ?? [])].sort((a, b) => a - b)
    return sorted.flatMap((id) => this.#items.get(id) ?? [])
  }
}

function add<Key>(sets: Map<Key, Set<number>>, key: Key, id: number): void {
  const set = sets.get(key)
  if (set) set.add(id)
  else sets.set(key, new Set([id]))
}
