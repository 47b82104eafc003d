import { z } from 'zod'
import { readCriteria } from '../criteria.ts'
import {
  type Actor,
  type HistoryEntry,
  type Item,
  itemTypes,
  priorities,
  qaModes,
} from '../item.ts'
import { longestBody, longestName } from '../item-rules.ts'
import { readLegacyStage } from '../legacy-stage.ts'
import type { ItemRow } from './projection.ts'
import { stageSchema } from './stage-schema.ts'

const number = z.number().int().positive()
const count = z.number().int().nonnegative()
const words = z.string().min(1)

/** Who did something, as it comes from outside. */
export const actorSchema: z.ZodType<Actor> = z.strictObject({
  kind: z.enum(['person', 'run', 'system']),
  id: words,
  name: z.string().exactOptional(),
})

/** A line of a history. Its words are shown and compared, and decide nothing by themselves. */
export const historySchema = z.strictObject({
  at: count,
  by: actorSchema,
  event: words.transform((event) => event as HistoryEntry['event']),
  from: words.transform((kind) => kind as Item['stage']['kind']).exactOptional(),
  to: words.transform((kind) => kind as Item['stage']['kind']).exactOptional(),
  note: z.string().exactOptional(),
})

/** An item as it comes from outside, its criteria left out: they are read from its body. */
export const itemSchema = z.strictObject({
  id: number,
  type: z.enum(itemTypes),
  name: words.max(longestName).regex(/^\P{Cc}*$/u, 'a name is one line'),
  body: z.string().max(longestBody).default(''),
  stage: stageSchema,
  agent: words.exactOptional(),
  qa: z.enum(qaModes).exactOptional(),
  priority: z.enum(priorities).default('normal'),
  dependsOn: z.array(number).default([]),
  epic: number.exactOptional(),
  origin: actorSchema,
  generation: number.default(1),
  returns: count.default(0),
  created: count,
  updated: count,
})

/**
 * The item that a row of the table tells of, with the text that the row does not have; undefined when
 * the row makes no sense. A row of an older version has its stage by an old name.
 */
export function itemOf(row: ItemRow, body: string): Item | undefined {
  const read = itemSchema.safeParse({
    id: row.id,
    type: row.type,
    name: row.name,
    body,
    stage: stageOf(row),
    ...(row.agent !== null && { agent: row.agent }),
    ...(row.qa !== null && { qa: row.qa }),
    priority: row.priority,
    dependsOn: json(row.depends_on),
    ...(row.epic !== null && { epic: row.epic }),
    origin: json(row.origin),
    generation: row.generation,
    returns: row.returns,
    created: row.created,
    updated: row.updated,
  })
  return read.success ? { ...read.data, criteria: readCriteria(body) } : undefined
}

function stageOf({ stage, stage_json, status, updated, id, generation }: ItemRow) {
  const read = stageSchema.safeParse(json(stage_json))
  if (read.success) return read.data
  return readLegacyStage({ name: stage, badge: status, at: updated, item: { id, generation } })
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
