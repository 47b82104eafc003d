import { z } from 'zod'
import type { Store } from '../../store/store.ts'
import { Archive } from '../document/archive.ts'
import { PipelineDocument } from '../document/document.ts'
import { actorSchema, historySchema, itemSchema } from '../document/item-schema.ts'
import { Journal } from '../document/journal.ts'

const mark = z.strictObject({
  at: z.number().int().nonnegative(),
  by: actorSchema,
  why: z.string().exactOptional(),
})
const history = z.array(historySchema).default([])

/** What an export file holds: what the project's items are, and nothing that is computed from that. */
export const exportSchema = z.strictObject({
  huskies: z.literal('items'),
  version: z.literal(1),
  paused: mark.nullable().default(null),
  items: z.array(itemSchema.extend({ history })),
  /** What is left of deleted items: their numbers are never given again. */
  deleted: z.array(mark.extend({ id: z.number().int().positive(), history })).default([]),
})

export type Exported = z.output<typeof exportSchema>

/** All items of a project with their histories, and what is left of deleted ones. Only reads. */
export function exportItems(store: Store): Exported {
  const document = new PipelineDocument(new Journal(store).read())
  const withHistory = <T extends { readonly id: number }>(value: T) => ({
    ...value,
    history: document.history(value.id),
  })
  const live = document.items().map(withHistory)
  const archived = [...new Archive(store).all()].map(({ item, history }) => ({
    ...item,
    history: [...history],
  }))
  return {
    huskies: 'items',
    version: 1,
    paused: document.paused ?? null,
    items: [...live, ...archived]
      .sort((a, b) => a.id - b.id)
      .map(({ criteria: _, dependsOn, ...item }) => ({ ...item, dependsOn: [...dependsOn] })),
    deleted: document.deletions().map(withHistory),
  }
}
