import type { ItemType } from '../../src/pipeline/item.ts'
import type { Stage, StageEvent } from '../../src/pipeline/stage.ts'
import { transition } from '../../src/pipeline/transition.ts'

/** What somebody does to the pipeline, as data. */
export type Deed =
  | {
      readonly do: 'create'
      readonly type: ItemType
      readonly name: string
      readonly dependsOn: readonly number[]
    }
  | { readonly do: 'apply'; readonly item: number; readonly event: StageEvent }
  | { readonly do: 'depend'; readonly item: number; readonly on: readonly number[] }
  | { readonly do: 'write'; readonly item: number; readonly body: string }
  | { readonly do: 'delete'; readonly item: number }
  | { readonly do: 'pause'; readonly paused: boolean }

/** An item as the model knows it: the least that has to be right. */
interface ModelItem {
  readonly type: ItemType
  readonly stage: Stage
  readonly returns: number
  readonly dependsOn: readonly number[]
  readonly body: string
  /** How many lines its history has. */
  readonly lines: number
}

/** What a pipeline must be, without documents, journals, rows and archives: a map. It never changes. */
export class Model {
  readonly items: ReadonlyMap<number, ModelItem>
  /** The lines that are left of deleted items. */
  readonly deleted: ReadonlyMap<number, number>
  readonly paused: boolean

  constructor(
    items: ReadonlyMap<number, ModelItem> = new Map(),
    deleted: ReadonlyMap<number, number> = new Map(),
    paused = false,
  ) {
    this.items = items
    this.deleted = deleted
    this.paused = paused
  }

  /** What it is after `deed`; undefined where that is refused. */
  after(deed: Deed, now: number): Model | undefined {
    switch (deed.do) {
      case 'create': {
        if (!deed.dependsOn.every((id) => this.items.has(id))) return undefined
        const id = Math.max(0, ...this.items.keys(), ...this.deleted.keys()) + 1
        const { type, dependsOn } = deed
        const stage: Stage = { kind: 'backlog' }
        return this.#with(id, { type, stage, returns: 0, dependsOn, body: '', lines: 1 })
      }
      case 'apply':
        return this.#applied(deed.item, deed.event, now)
      case 'depend': {
        const item = this.items.get(deed.item)
        if (!item || same(deed.on, item.dependsOn)) return item && this
        if (!deed.on.every((id) => this.items.has(id))) return undefined
        if (deed.on.some((id) => id === deed.item || this.#needs(id).has(deed.item)))
          return undefined
        return this.#with(deed.item, { ...item, dependsOn: deed.on, lines: item.lines + 1 })
      }
      case 'write': {
        const item = this.items.get(deed.item)
        if (!item || item.body === deed.body) return item && this
        return this.#with(deed.item, { ...item, body: deed.body, lines: item.lines + 1 })
      }
      case 'delete': {
        const item = this.items.get(deed.item)
        if (!item) return undefined
        const items = new Map([...this.items].filter(([id]) => id !== deed.item))
        const deleted = new Map([...this.deleted, [deed.item, item.lines + 1]])
        return new Model(items, deleted, this.paused)
      }
      case 'pause':
        return new Model(this.items, this.deleted, deed.paused)
    }
  }

  #applied(id: number, event: StageEvent, now: number): Model | undefined {
    const item = this.items.get(id)
    if (!item) return undefined
    if (event.type === 'supersede' && (event.by === id || !this.items.has(event.by)))
      return undefined
    const { type, returns } = item
    const result = transition(item.stage, event, { type, returns, maxReturns: 3, now })
    if (!result.ok) return undefined
    const { stage } = result
    return this.#with(id, { ...item, stage, returns: result.returns, lines: item.lines + 1 })
  }

  #with(id: number, item: ModelItem): Model {
    return new Model(new Map([...this.items, [id, item]]), this.deleted, this.paused)
  }

  /** All that `id` waits for, directly or not. */
  #needs(id: number, known = new Set<number>()): ReadonlySet<number> {
    for (const on of this.items.get(id)?.dependsOn ?? []) {
      if (known.has(on)) continue
      known.add(on)
      this.#needs(on, known)
    }
    return known
  }
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.join() === b.join()
}
