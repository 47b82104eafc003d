import { z } from 'zod'
import { Problem } from '../../kernel/problem.ts'
import {
  type Actor,
  type ItemDraft,
  type ItemPatch,
  itemTypes,
  priorities,
  qaModes,
} from '../item.ts'
import type { Pipeline } from '../pipeline.ts'

const number = z.number().int().positive()
const time = z.number().int().nonnegative()
const word = z.string().min(1).max(200)
const text = z.string().max(200_000)
const numbers = z.array(number).max(1_000)

const draft: z.ZodType<ItemDraft> = z.strictObject({
  type: z.enum(itemTypes),
  name: text,
  body: text.exactOptional(),
  agent: word.exactOptional(),
  qa: z.enum(qaModes).exactOptional(),
  priority: z.enum(priorities).exactOptional(),
  dependsOn: numbers.exactOptional(),
  epic: number.exactOptional(),
})

const patch: z.ZodType<ItemPatch> = z.strictObject({
  name: text.exactOptional(),
  body: text.exactOptional(),
  agent: word.nullable().exactOptional(),
  qa: z.enum(qaModes).nullable().exactOptional(),
  priority: z.enum(priorities).exactOptional(),
  dependsOn: numbers.exactOptional(),
  epic: number.nullable().exactOptional(),
})

const bare = <Type extends string>(type: Type) => z.strictObject({ type: z.literal(type) })
const because = <Type extends string>(type: Type) =>
  z.strictObject({ type: z.literal(type), reason: text })

/** What a person may cause. All other events are facts that only their witness may tell: the owner. */
const event = z.discriminatedUnion('type', [
  bare('triage'),
  bare('start'),
  bare('qa-passed'),
  because('qa-failed'),
  because('hold'),
  bare('approve'),
  because('reject').extend({ close: z.boolean() }),
  z.strictObject({ type: z.literal('fix-up'), failure: text }),
  bare('requeue'),
  because('block'),
  bare('unblock'),
  bare('freeze'),
  bare('unfreeze'),
  bare('abandon'),
  z.strictObject({ type: z.literal('supersede'), by: number }),
  bare('demote'),
  bare('close'),
  bare('accept'),
  because('archive'),
  bare('reopen'),
])

const deed = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('create'), draft }),
  z.strictObject({ kind: z.literal('edit'), item: number, patch }),
  z.strictObject({ kind: z.literal('check'), item: number, criterion: number, met: z.boolean() }),
  z.strictObject({ kind: z.literal('apply'), item: number, event }),
  z.strictObject({ kind: z.literal('delete'), item: number }),
  z.strictObject({ kind: z.literal('pause'), paused: z.boolean() }),
])

const author = z.strictObject({ kind: z.literal('person'), id: word, name: word.exactOptional() })

/** What tells requests apart, and how long their answers are kept. */
export const requestHead = z.object({ id: z.uuid(), at: time })

/** A change that a person asks for on a node that does not run the project. */
export const requestSchema = z.strictObject({
  ...requestHead.shape,
  by: author,
  /** What the person may do, as the node knows that asks. */
  role: z.enum(['viewer', 'member', 'admin']),
  deed,
})

/** What is asked for: the pipeline's own methods, as data. */
export type Deed = z.infer<typeof deed>
export type Request = z.infer<typeof requestSchema>

/** Does what is asked for, and returns the item's number. Throws `Problem` where it is refused. */
export function perform(pipeline: Pipeline, { deed, by, role }: Request): number | undefined {
  if (role === 'viewer' || (deed.kind === 'delete' && role !== 'admin'))
    throw new Problem('not-allowed', `A ${role} may not ask for that: ask somebody who may.`)
  return act(pipeline, deed, by)
}

function act(pipeline: Pipeline, deed: Deed, by: Actor): number | undefined {
  switch (deed.kind) {
    case 'create':
      return pipeline.create(deed.draft, by).id
    case 'edit':
      return pipeline.edit(deed.item, deed.patch, by).id
    case 'check':
      return pipeline.check(deed.item, deed.criterion, deed.met, by).id
    case 'apply':
      return pipeline.apply(deed.item, deed.event, by).id
    case 'delete':
      pipeline.delete(deed.item, by)
      return deed.item
    case 'pause':
      pipeline.setPaused(deed.paused, by)
      return undefined
  }
}
