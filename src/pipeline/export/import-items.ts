import { Problem } from '../../kernel/problem.ts'
import type { Store } from '../../store/store.ts'
import { readCriteria } from '../criteria.ts'
import { Archive, type Archived, isInArchive } from '../document/archive.ts'
import { PipelineDocument } from '../document/document.ts'
import { Journal } from '../document/journal.ts'
import type { JournalHead } from '../document/journal-head.ts'
import { Projection } from '../document/projection.ts'
import type { Exported } from './export.ts'

/**
 * Puts all of an export into a project that has no items and never had any, in one change. Throws
 * `Problem` `not-empty` where there are some.
 */
export function importItems(
  store: Store,
  head: JournalHead | undefined,
  { paused, items, deleted }: Exported,
  now: number,
): void {
  const journal = new Journal(store, head)
  const document = new PipelineDocument(journal.read())
  if (document.lastNumber > 0)
    throw new Problem(
      'not-empty',
      `This project has items already (up to #${document.lastNumber}): import into one that never had any.`,
    )
  const archived: (Archived & { readonly place: number })[] = []
  const { update } = document.change(() => {
    // Said also where it is so already: a change has to change something.
    document.setPaused(paused)
    for (const { history, ...fields } of items) {
      const item = { ...fields, criteria: readCriteria(fields.body) }
      if (isInArchive(item)) {
        archived.push({ item, history, place: document.noteArchived(item.id) })
        continue
      }
      document.put(item)
      for (const entry of history) document.record(item.id, entry)
    }
    for (const { id, history, ...mark } of deleted) {
      document.bury(id, mark)
      for (const entry of history) document.record(id, entry)
    }
  })
  const highest = [...items, ...deleted].reduce((most, { id }) => Math.max(most, id), 0)
  const archive = new Archive(store)
  store.transaction(() => {
    journal.append(update, now, highest)
    new Projection(store.db).rebuild(document.items())
    for (const { place, ...each } of archived) archive.put(each, place)
  })
}
