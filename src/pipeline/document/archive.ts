import { crc32 } from 'node:zlib'
import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import { columnOf } from '../columns.ts'
import { readCriteria } from '../criteria.ts'
import type { HistoryEntry, Item } from '../item.ts'
import { type ItemRow, rowOf } from './projection.ts'

/** An item whose life is over, with all that happened to it. */
export interface Archived {
  readonly item: Item
  readonly history: readonly HistoryEntry[]
}

/** The same as a row of `archived_items`, and as it is sent to other nodes. */
export interface ArchivedRow extends ItemRow {
  readonly place: number
  readonly checksum: number
  readonly body: string
  readonly history: string
}

/** So many of those that were read are kept in memory. */
const mostKept = 1_000

/** Whether an item lies in the archive. One that was archived while it was blocked is on the board. */
export function isInArchive({ stage }: Pick<Item, 'stage'>): boolean {
  return columnOf(stage) === 'archived'
}

/**
 * The archived items of a project. They are rows and nothing else: nothing of them is in memory until
 * somebody asks for one, so that an old project starts as quickly as a young one. All writes are part
 * of the transaction that changes the document too.
 */
export class Archive {
  readonly #store: Store
  readonly #read = new Map<number, Archived>()
  readonly #row
  readonly #rows
  readonly #since
  readonly #ofEpic
  readonly #texts
  readonly #put
  readonly #remove
  readonly #clear

  constructor(store: Store) {
    const { db } = store
    const select = 'SELECT * FROM archived_items'
    this.#store = store
    this.#row = db.prepare<[number], ArchivedRow>(`${select} WHERE id = ?`)
    this.#rows = db.prepare<[], ArchivedRow>(`${select} ORDER BY id`)
    this.#since = db.prepare<[number], ArchivedRow>(`${select} WHERE place > ? ORDER BY place`)
    this.#ofEpic = db.prepare<[number], ArchivedRow>(`${select} WHERE epic = ? ORDER BY id`)
    this.#texts = db.prepare<[], Pick<ArchivedRow, 'id' | 'name' | 'body'>>(
      'SELECT id, name, body FROM archived_items ORDER BY id',
    )
    this.#put = db.prepare<[ArchivedRow]>(
      `INSERT OR REPLACE INTO archived_items VALUES (
         @id, @type, @name, @stage, @stage_json, @pipeline, @status, @agent, @retry_count, @returns,
         @depends_on, @epic, @qa, @priority, @origin, @generation, @created, @updated,
         @place, @checksum, @body, @history)`,
    )
    this.#remove = db.prepare<[number]>('DELETE FROM archived_items WHERE id = ?')
    this.#clear = db.prepare<[]>('DELETE FROM archived_items')
  }

  /** Throws `Problem` `damaged-archive` where the disk has changed it, as all that reads does. */
  get(id: number): Archived | undefined {
    const known = this.#read.get(id)
    if (known) return known
    const row = this.#row.get(id)
    if (!row) return undefined
    const archived = archivedOf(row)
    if (this.#read.size >= mostKept) this.#read.clear()
    this.#read.set(id, archived)
    return archived
  }

  /** All of them, by number. Reads as it goes: nothing else may be written meanwhile. */
  *all(): Generator<Archived> {
    for (const row of this.#rows.iterate()) yield archivedOf(row)
  }

  /** Those that are grouped by an epic, by number. */
  ofEpic(epic: number): Item[] {
    return this.#ofEpic.all(epic).map((row) => archivedOf(row).item)
  }

  /** Those whose name and text are as asked, by number. Reads all texts. */
  search(fits: (texts: Pick<Item, 'name' | 'body'>) => boolean): Item[] {
    const found: number[] = []
    for (const { id, ...texts } of this.#texts.iterate()) if (fits(texts)) found.push(id)
    return found.flatMap((id) => this.get(id)?.item ?? [])
  }

  put({ item, history }: Archived, place: number): void {
    const row = { ...rowOf(item), place, body: item.body, history: JSON.stringify(history) }
    this.putRow({ ...row, checksum: checksumOf(row) })
  }

  remove(id: number): void {
    this.#writing(id)
    this.#remove.run(id)
  }

  /** All rows that were written after `place`, oldest first, as another node takes them with `putRow`. */
  since(place: number): ArchivedRow[] {
    return this.#since.all(place)
  }

  /** The row that there is of an item, not looked at any further. */
  row(id: number): ArchivedRow | undefined {
    return this.#row.get(id)
  }

  putRow(row: ArchivedRow): void {
    this.#writing(row.id)
    this.#put.run(row)
  }

  clear(): void {
    this.#read.clear()
    this.#clear.run()
  }

  /** The numbers of all that can be trusted, of what the disk has changed, and how far it goes. */
  examine(): {
    readonly sound: Set<number>
    readonly damaged: Set<number>
    readonly place: number
  } {
    const [sound, damaged] = [new Set<number>(), new Set<number>()]
    let end = 0
    for (const row of this.#rows.iterate()) {
      const kind = isSound(row) ? sound : damaged
      kind.add(row.id)
      end = Math.max(end, row.place)
    }
    return { sound, damaged, place: end }
  }

  #writing(id: number): void {
    this.#read.delete(id)
    // What was read since then may be what was never stored.
    this.#store.onRollback(() => this.#read.delete(id))
  }
}

function archivedOf(row: ArchivedRow): Archived {
  if (!isSound(row))
    throw new Problem(
      'damaged-archive',
      `Item ${row.id} in the archive was damaged on the disk: stop the program and put a copy of pipeline.db in its place.`,
    )
  return { item: itemOf(row), history: JSON.parse(row.history) }
}

/** What `rowOf` was given. */
function itemOf(row: ArchivedRow): Item {
  return {
    id: row.id,
    type: row.type as Item['type'],
    name: row.name,
    stage: JSON.parse(row.stage_json),
    ...(row.agent !== null && { agent: row.agent }),
    ...(row.qa !== null && { qa: row.qa as NonNullable<Item['qa']> }),
    priority: row.priority as Item['priority'],
    dependsOn: JSON.parse(row.depends_on),
    ...(row.epic !== null && { epic: row.epic }),
    origin: JSON.parse(row.origin),
    generation: row.generation,
    returns: row.returns,
    created: row.created,
    updated: row.updated,
    body: row.body,
    criteria: readCriteria(row.body),
  }
}

/** Whether the row says what it said when it was written. */
export function isSound(row: ArchivedRow): boolean {
  return checksumOf(row) === row.checksum
}

function checksumOf({
  checksum: _,
  ...row
}: Omit<ArchivedRow, 'checksum'> & { checksum?: number }) {
  const columns = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))
  return crc32(JSON.stringify(columns))
}
