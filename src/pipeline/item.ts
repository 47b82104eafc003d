import type { Stage, StageEventType, StageKind } from './stage.ts'

export const itemTypes = ['story', 'bug', 'refactor', 'spike', 'epic'] as const
export type ItemType = (typeof itemTypes)[number]

/** server: gates, then merge. agent: a qa agent judges. human: held until a person decides. */
export const qaModes = ['server', 'agent', 'human'] as const
export type QaMode = (typeof qaModes)[number]

export const priorities = ['low', 'normal', 'high'] as const
export type Priority = (typeof priorities)[number]

/** Who did something: an authenticated person, an agent's run, or the program itself. */
export interface Actor {
  readonly kind: 'person' | 'run' | 'system'
  /** A network id such as `terminal:anna`, a run's id, or the name of a reconciler. */
  readonly id: string
  /** What people call them, where that is known. */
  readonly name?: string
}

/** One line `- [ ] text` of an item's body. */
export interface Criterion {
  readonly text: string
  readonly met: boolean
}

/** A piece of work that the pipeline carries from the backlog to the base branch. */
export interface Item {
  /** Counts up from 1; never given twice, not even after a deletion. */
  readonly id: number
  readonly type: ItemType
  readonly name: string
  /** Markdown, as the person wrote it, criteria included. */
  readonly body: string
  /** Read from the body's `- [ ]` lines, in their order. */
  readonly criteria: readonly Criterion[]
  readonly stage: Stage
  /** The agent that a person named for it; any free one otherwise. */
  readonly agent?: string
  /** The project's default where it is missing. */
  readonly qa?: QaMode
  readonly priority: Priority
  readonly dependsOn: readonly number[]
  readonly epic?: number
  readonly origin: Actor
  /** 1 at first; each reopening starts a new branch. */
  readonly generation: number
  /** How often it came back from qa or merge to coding; only `unblock` clears it. */
  readonly returns: number
  /** Milliseconds since the epoch. */
  readonly created: number
  readonly updated: number
}

/** What a person or agent gives to make an item. */
export interface ItemDraft {
  readonly type: ItemType
  readonly name: string
  readonly body?: string
  readonly agent?: string
  readonly qa?: QaMode
  readonly priority?: Priority
  readonly dependsOn?: readonly number[]
  readonly epic?: number
}

/** What may be changed on an item without moving it. `null` clears an optional field. */
export interface ItemPatch {
  readonly name?: string
  readonly body?: string
  readonly agent?: string | null
  readonly qa?: QaMode | null
  readonly priority?: Priority
  readonly dependsOn?: readonly number[]
  readonly epic?: number | null
}

/** One line of an item's history: who did what when. */
export interface HistoryEntry {
  readonly at: number
  readonly by: Actor
  /** A stage event, or `create`, `edit`, `delete`. */
  readonly event: StageEventType | 'create' | 'edit' | 'delete'
  readonly from?: StageKind
  readonly to?: StageKind
  /** The reason, the failure's first line, or which fields were edited. */
  readonly note?: string
}

/** The branch that an item's coding agent commits to. */
export function branchOf(item: Pick<Item, 'id' | 'generation'>): string {
  const base = `feature/item-${item.id}`
  return item.generation === 1 ? base : `${base}-${item.generation}`
}
