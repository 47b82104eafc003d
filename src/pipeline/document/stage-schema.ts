import { z } from 'zod'
import type { Stage } from '../stage.ts'

const text = z.string()
const count = z.number().int().nonnegative()
const work = z.strictObject({ branch: text.min(1), ahead: count })
const gate = z.strictObject({
  step: text,
  class: z.enum(['format', 'lint', 'docs', 'build', 'test']),
  output: text,
})
const failure = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('conflict'), detail: text }),
  z.strictObject({ kind: z.literal('gates'), gate }),
  z.strictObject({ kind: z.literal('empty-diff') }),
  z.strictObject({ kind: z.literal('no-commits') }),
  z.strictObject({ kind: z.literal('other'), detail: text }),
])
const inner: z.ZodType<Stage> = z.lazy(() => stageSchema)
const as = <Kind extends Stage['kind']>(kind: Kind) => z.literal(kind)

/** A stage that comes from outside: from an export file, or from a row of the table of items. */
export const stageSchema: z.ZodType<Stage> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: as('upcoming') }),
  z.strictObject({ kind: as('backlog'), manual: z.literal(true).exactOptional() }),
  z.strictObject({ kind: as('coding'), retries: count, failure: text.exactOptional() }),
  z.strictObject({ kind: as('blocked'), reason: text, resumeTo: inner.exactOptional() }),
  z.strictObject({ kind: as('qa'), retries: count, work }),
  z.strictObject({ kind: as('review-hold'), reason: text, resumeTo: inner }),
  z.strictObject({ kind: as('merge'), work, retries: count, since: count }),
  z.strictObject({ kind: as('merge-failure'), failure, attempts: count, work }),
  z.strictObject({ kind: as('merge-failure-final'), failure, work }),
  z.strictObject({ kind: as('done'), at: count, commit: text.exactOptional() }),
  z.strictObject({ kind: as('archived'), at: count, reason: text, from: inner }),
  z.strictObject({ kind: as('frozen'), resumeTo: inner }),
  z.strictObject({ kind: as('abandoned') }),
  z.strictObject({ kind: as('superseded'), by: count.min(1) }),
  z.strictObject({ kind: as('rejected'), reason: text }),
])
