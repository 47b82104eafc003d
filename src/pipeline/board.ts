import { badgeOf, type Column, columnOf } from './columns.ts'
import { type Cost, nothing } from './cost.ts'
import { type DependencyState, dependencyState } from './dependencies.ts'
import type { Item } from './item.ts'
import type { Find } from './item-rules.ts'
import { mergeOrder } from './merge/merge-order.ts'
import { firstLine, reasonOf } from './reason.ts'
import type { MergeFailure, Stage } from './stage.ts'
import type { Changes } from './worktrees.ts'

/** What works on an item now, as whoever runs agents tells it. */
export interface Working {
  /** Missing where the merge queue itself is at work. */
  readonly agent?: string
  readonly model?: string
  /** throttled: it waits for a limit to end. */
  readonly state: 'running' | 'throttled'
  /** What it waits for, where nothing is at work. */
  readonly reason?: string
  readonly uncommitted?: Changes
}

/** An agent that could be given work. */
export interface BoardAgent {
  readonly name: string
  readonly model?: string
}

/** What a line's sign says beside its dot. */
export type Mark =
  | 'frozen'
  | 'review'
  | 'recovering'
  | 'recovery-queued'
  | 'failed'
  | 'failed-for-good'
  | 'abandoned'
  | 'superseded'
  | 'rejected'

/** One item on the board. */
export interface BoardLine {
  readonly id: number
  readonly name: string
  readonly dot: 'idle' | 'running' | 'throttled' | 'blocked'
  readonly mark?: Mark
  /** Its place in the merge queue, from 1. */
  readonly position?: number
  /** Dependencies that are open. */
  readonly waitingOn: readonly number[]
  /** Sentences on its dependencies: what can never be satisfied, and what may surprise. */
  readonly notes: readonly string[]
  /** What it has cost so far; missing where that is nothing. */
  readonly cost?: Cost
  /** The first line of why it stands here, 120 characters at most. */
  readonly reason?: string
  readonly working?: Working
}

interface BoardSection {
  readonly title: string
  readonly lines: readonly BoardLine[]
  /** How many more items stand there than are shown. */
  readonly more: number
}

/** The whole pipeline at a glance, for any renderer. */
export interface Board {
  readonly sections: readonly BoardSection[]
  readonly freeAgents: readonly BoardAgent[]
}

const sections: readonly (readonly [string, Column])[] = [
  ['Backlog', 'backlog'],
  ['In progress', 'coding'],
  ['QA', 'qa'],
  ['Merge', 'merge'],
  ['Done', 'done'],
  ['Closed', 'closed'],
]

/** What is told of items beside themselves, by their numbers. */
export interface BoardFacts {
  readonly working?: ReadonlyMap<number, Working>
  readonly agents?: readonly BoardAgent[]
  /** Finds what an item depends on; among the items themselves where it is missing. */
  readonly find?: Find
  readonly costs?: (item: number) => Cost
  /** Why an item waits that could be worked on, or could land. */
  readonly why?: (item: number) => string | undefined
  /** So many items of a section are shown at most: what comes next, and what was last done or closed. */
  readonly most?: number
}

/** The board of `items`. */
export function board(items: readonly Item[], facts: BoardFacts = {}): Board {
  const { working = new Map(), agents = [], costs = () => nothing } = facts
  const { most = Number.POSITIVE_INFINITY } = facts
  const find = facts.find ?? findIn(items)
  const columns = columnsOf(items)
  const queued = mergeOrder(columns.get('merge') ?? []).filter(({ id }) => !working.has(id))
  const positions = new Map(queued.map(({ id }, index) => [id, index + 1]))
  const busy = new Set([...working.values()].map(({ agent }) => agent))
  const lineOf = (item: Item) =>
    line(item, {
      find,
      working: working.get(item.id),
      position: positions.get(item.id),
      cost: costs(item.id),
      why: goesOn(item.stage) && !working.has(item.id) ? facts.why?.(item.id) : undefined,
    })
  return {
    sections: sections.map(([title, column]) => {
      const sorted = (columns.get(column) ?? []).sort(byPosition(positions))
      const isOver = column === 'done' || column === 'closed'
      const shown = isOver ? sorted.slice(-most) : sorted.slice(0, most)
      return { title, lines: shown.map(lineOf), more: sorted.length - shown.length }
    }),
    freeAgents: agents.filter(({ name }) => !busy.has(name)),
  }
}

function findIn(items: readonly Item[]): Find {
  const byId = new Map(items.map((item) => [item.id, item]))
  return (id) => byId.get(id)
}

/** What is shown, by column. Most items of an old project are archived, and cost no more than a look. */
function columnsOf(items: readonly Item[]): ReadonlyMap<Column, Item[]> {
  const columns = new Map<Column, Item[]>()
  for (const item of items) {
    const column = columnOf(item.stage)
    if (column === 'archived') continue
    const known = columns.get(column)
    if (known) known.push(item)
    else columns.set(column, [item])
  }
  return columns
}

/** By number, those that wait in the merge queue first and in its order. */
function byPosition(positions: ReadonlyMap<number, number>): (a: Item, b: Item) => number {
  const place = ({ id }: Item) => positions.get(id) ?? Number.POSITIVE_INFINITY
  return (a, b) => (place(a) === place(b) ? a.id - b.id : place(a) - place(b))
}

interface LineFacts {
  readonly find: Find
  readonly working: Working | undefined
  readonly position: number | undefined
  readonly cost: Cost
  readonly why: string | undefined
}

function line(item: Item, { find, working, position, cost, why }: LineFacts): BoardLine {
  const { id, name, stage } = item
  const dot = badgeOf(stage) === 'blocked' ? 'blocked' : (working?.state ?? 'idle')
  // What the last attempt of a coder failed with is told to the next one, not to the board.
  const reason = goesOn(stage) ? why : reasonOf(stage)
  const mark = markOf(stage, working)
  const { open, never, warnings } = waiting(item, find)
  return {
    id,
    name,
    dot,
    waitingOn: open,
    notes:
      never.length === 0
        ? warnings
        : [...never.map(({ why }) => `It will not start by itself: ${why}`), ...warnings],
    ...(cost.usd > 0 && { cost }),
    ...(mark && { mark }),
    ...(position && { position }),
    ...(reason !== undefined && { reason: firstLine(reason) }),
    ...(working && { working }),
  }
}

/** Whether something is to happen here by itself. */
function goesOn({ kind }: Stage): boolean {
  return kind === 'coding' || kind === 'qa' || kind === 'merge'
}

const forNothing: DependencyState = { open: [], never: [], warnings: [] }

function waiting(item: Item, find: Find): DependencyState {
  const waits = item.dependsOn.length > 0 && columnOf(item.stage) === 'backlog'
  return waits ? dependencyState(item, find) : forNothing
}

function markOf(stage: Stage, working: Working | undefined): Mark | undefined {
  switch (stage.kind) {
    case 'frozen':
    case 'abandoned':
    case 'superseded':
    case 'rejected':
      return stage.kind
    case 'review-hold':
      return 'review'
    case 'merge-failure':
      if (working) return 'recovering'
      return isRecoverable(stage.failure) ? 'recovery-queued' : 'failed'
    case 'merge-failure-final':
      return working ? 'recovering' : 'failed-for-good'
    default:
      return undefined
  }
}

/** Whether an agent may mend the merge; of all other failures it takes a person. */
function isRecoverable({ kind }: MergeFailure): boolean {
  return kind === 'conflict' || kind === 'gates'
}
