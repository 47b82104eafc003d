import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import type { Actor } from '../item.ts'
import { Archive } from './archive.ts'
import { PipelineDocument } from './document.ts'
import { itemOf } from './item-schema.ts'
import { Journal, type JournalContent } from './journal.ts'
import type { JournalHead } from './journal-head.ts'
import { type ItemRow, Projection, rowOf } from './projection.ts'

export interface RepairParts {
  readonly store: Store
  readonly head: JournalHead
  /** In ms since the epoch. */
  readonly now: number
  /** What is known to be damaged already, as a sentence without its stop. Then rows may be missing. */
  readonly damage?: string | undefined
  /** Keeps a copy of the damaged files, and returns where. */
  readonly setAside: () => string
}

/** Who has done it, in the items' histories. */
const by: Actor = { kind: 'system', id: 'repair' }

/**
 * Makes the pipeline whole again where its journal lost changes; does nothing where it lost none.
 *
 * What can be trusted of the journal is kept, and each item stands where its row says, since rows are
 * stored together with the changes. Texts and histories are those of the last trusted change, and
 * numbers that were given are not given again. A person has to compare the result with the world, so
 * the pipeline is paused, for a reason that says what was damaged, what was saved, and where the
 * damaged files are kept. Throws `Problem` `nothing-saved`, and has changed nothing, where that is so.
 */
export function repair({ store, head, now, damage, setAside }: RepairParts): void {
  const journal = new Journal(store, head)
  const projection = new Projection(store.db)
  const content = journal.examine()
  const archive = new Archive(store)
  const isWhole = content.seq === content.newest && damage === undefined
  if (isWhole && content.newest > 0) return
  const rows = projection.rows()
  const archived = archive.examine()
  if (isWhole && rows.length === 0 && archived.sound.size === 0) return

  const document = new PipelineDocument(content.updates)
  const what = damage ?? describe(content, journal.newest)
  document.change(() => {
    for (const id of archived.sound) {
      document.drop(id)
      document.noteArchived(id, archived.place)
    }
    const restored = restore(document, rows, now)
    // A file that is whole has no row of an item that was deleted.
    if (damage === undefined) buryMissing(document, rows, now)
    buryLost(document, archived.sound, head.read()?.number ?? 0, now)
    const items = document.items().length + archived.sound.size
    if (items === 0 && content.newest > 0) throw nothingSaved(what)
    const saved = `${what}. Saved: ${items} ${items === 1 ? 'item' : 'items'},${dated(content, restored)}`
    const why = `${saved}; the damaged database is kept in ${setAside()}`
    document.setPaused({ at: now, by, why })
  })
  store.transaction(() => {
    journal.compact(document.snapshot(), content.newest + 1, now)
    projection.rebuild(document.items())
    for (const id of archived.damaged) archive.remove(id)
  })
}

function describe({ seq, newest }: JournalContent, stored: number): string {
  if (stored === newest) return `Change ${seq + 1} of ${newest} in the database was damaged`
  return `The newest ${newest - stored} of ${newest} changes are missing from the database`
}

/** Has each item stand where its row says; returns how many stood elsewhere. */
function restore(document: PipelineDocument, rows: readonly ItemRow[], now: number): number {
  const known = new Map(document.items().map((item) => [item.id, item]))
  let restored = 0
  for (const row of rows) {
    const before = known.get(row.id)
    const item = itemOf(row, before?.body ?? '')
    if (!item || document.wasDeleted(row.id)) continue
    if (before && JSON.stringify(rowOf(before)) === JSON.stringify(row)) continue
    document.put(item)
    document.record(row.id, {
      at: now,
      by,
      event: 'edit',
      ...(before && { from: before.stage.kind }),
      to: item.stage.kind,
      note: 'as the table of items has it, because the journal was damaged',
    })
    restored += 1
  }
  return restored
}

function buryMissing(document: PipelineDocument, rows: readonly ItemRow[], now: number): void {
  const there = new Set(rows.map(({ id }) => id))
  for (const { id } of document.items())
    if (!there.has(id)) bury(document, id, now, 'deleted shortly before the journal was damaged')
}

/** Numbers up to the highest that was given, of items of which nothing is left. */
function buryLost(
  document: PipelineDocument,
  archived: ReadonlySet<number>,
  head: number,
  now: number,
): void {
  const highest = Math.max(head, document.lastNumber)
  for (let id = 1; id <= highest; id += 1) {
    if (document.has(id) || document.wasDeleted(id) || archived.has(id)) continue
    bury(document, id, now, 'lost when the database was damaged')
  }
}

function bury(document: PipelineDocument, id: number, at: number, note: string): void {
  document.bury(id, { at, by })
  document.record(id, { at, by, event: 'delete', note })
}

function dated({ seq, at }: JournalContent, restored: number): string {
  const date = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  if (restored === 0) return ` as of ${date}`
  const older = `the texts and histories of ${restored} of them`
  return ` where they last stood; ${older} ${seq === 0 ? 'are lost' : `are those of ${date}`}`
}

/** The same sentence for whatever is damaged beyond saving; nothing was changed then. */
export function nothingSaved(what: string, cause?: unknown): Problem {
  return new Problem(
    'nothing-saved',
    `${what}, and no item could be saved: put a copy of pipeline.db in its place, or remove pipeline.db and pipeline.head to begin anew; nothing was changed.`,
    { cause },
  )
}
