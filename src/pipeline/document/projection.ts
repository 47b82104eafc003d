import type Database from 'better-sqlite3'
import { badgeOf, columnOf } from '../columns.ts'
import type { Item } from '../item.ts'
import type { Stage } from '../stage.ts'

/** An item as a row of `live_items` and of the view `pipeline_items`, which has the archived ones too. */
export interface ItemRow {
  readonly id: number
  readonly type: string
  readonly name: string
  readonly stage: string
  readonly stage_json: string
  readonly pipeline: string
  readonly status: string
  readonly agent: string | null
  readonly retry_count: number
  readonly returns: number
  readonly depends_on: string
  readonly epic: number | null
  readonly qa: string | null
  readonly priority: string
  readonly origin: string
  readonly generation: number
  readonly created: number
  readonly updated: number
}

/** What the table holds for `item`: a function of the item alone. */
export function rowOf(item: Item): ItemRow {
  return {
    id: item.id,
    type: item.type,
    name: item.name,
    stage: item.stage.kind,
    stage_json: JSON.stringify(item.stage),
    pipeline: columnOf(item.stage),
    status: badgeOf(item.stage),
    agent: item.agent ?? null,
    retry_count: retriesOf(item.stage),
    returns: item.returns,
    depends_on: JSON.stringify(item.dependsOn),
    epic: item.epic ?? null,
    qa: item.qa ?? null,
    priority: item.priority,
    origin: JSON.stringify(item.origin),
    generation: item.generation,
    created: item.created,
    updated: item.updated,
  }
}

/** The table `live_items`: the document's items for queries, never a source of anything. */
export class Projection {
  readonly #put: Database.Statement<[ItemRow]>
  readonly #remove: Database.Statement<[number]>
  readonly #rows: Database.Statement<[], ItemRow>
  readonly #clear: Database.Statement<[]>
  readonly #columns: readonly (keyof ItemRow)[]

  constructor(db: Database.Database) {
    this.#put = db.prepare(
      `INSERT OR REPLACE INTO live_items VALUES (
         @id, @type, @name, @stage, @stage_json, @pipeline, @status, @agent, @retry_count, @returns,
         @depends_on, @epic, @qa, @priority, @origin, @generation, @created, @updated)`,
    )
    this.#remove = db.prepare('DELETE FROM live_items WHERE id = ?')
    this.#rows = db.prepare('SELECT * FROM live_items ORDER BY id')
    this.#clear = db.prepare('DELETE FROM live_items')
    this.#columns = this.#rows.columns().map(({ name }) => name as keyof ItemRow)
  }

  put(item: Item): void {
    this.#put.run(rowOf(item))
  }

  remove(id: number): void {
    this.#remove.run(id)
  }

  /** All rows, by number. */
  rows(): ItemRow[] {
    return this.#rows.all()
  }

  /** Whether the table says exactly what `items` (by number) say. */
  matches(items: readonly Item[]): boolean {
    const rows = this.rows()
    return (
      rows.length === items.length &&
      items.every((item, index) => {
        const wanted = rowOf(item)
        return this.#columns.every((column) => rows[index]?.[column] === wanted[column])
      })
    )
  }

  /** Makes the table say exactly what `items` say. Belongs in a transaction. */
  rebuild(items: readonly Item[]): void {
    this.#clear.run()
    for (const item of items) this.put(item)
  }
}

function retriesOf(stage: Stage): number {
  if ('retries' in stage) return stage.retries
  return 'attempts' in stage ? stage.attempts : 0
}
