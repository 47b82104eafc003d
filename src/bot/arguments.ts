import { z } from 'zod'
import type { CommandInput } from './command.ts'

/** How a field is read from a message; `command.ts` describes each. */
type Take = 'position' | 'rest' | 'body' | 'option'

/** What is told about a field beside its type. */
export interface FieldNotes {
  /** How usage lines call it; otherwise its key. */
  readonly called?: string
  /** Ends the sentence "N must be ..."; otherwise derived from the type. */
  readonly expects?: string
}

/** One field of a command's input, as the parser, the usage line and the help see it. */
export interface Field {
  readonly key: string
  readonly take: Take
  readonly called: string
  readonly expects: string | undefined
  /** Of the field's JSON type: how its words become a value. */
  readonly type: string
  /** The values of an enumeration. */
  readonly values: readonly string[]
  readonly required: boolean
  readonly description: string | undefined
  /** Whether `value` passes the field's own schema. */
  accepts(value: unknown): boolean
}

/** One word of the first line; the default for fields without a mark, needed only to name one. */
export function positional<Schema extends z.ZodType>(schema: Schema, notes: FieldNotes = {}) {
  return mark(schema, 'position', notes)
}

/** What is left of the first line, as it was typed. */
export function rest<Schema extends z.ZodType>(schema: Schema, notes: FieldNotes = {}) {
  return mark(schema, 'rest', notes)
}

/** The further lines of the message. */
export function body<Schema extends z.ZodType>(schema: Schema, notes: FieldNotes = {}) {
  return mark(schema, 'body', notes)
}

/**
 * Given by name before the rest, `priority high` or `--priority high`. A boolean is a flag: it is
 * given as `--close`, anywhere in the first line.
 */
export function option<Schema extends z.ZodType>(schema: Schema, notes: FieldNotes = {}) {
  return mark(schema, 'option', notes)
}

/** A work item's number; people type `12` or `#12`. */
export const itemNumber = positional(z.int().positive(), {
  called: 'N',
  expects: 'an item number such as 12 or #12',
})

/** Several items' numbers; people type `3,4`. */
export const itemNumbers = positional(z.array(z.int().positive()), {
  called: 'N,N',
  expects: 'item numbers such as 3,4',
})

/** The fields of a command's input, in their order. */
export function fieldsOf(input: CommandInput): Field[] {
  return Object.entries(input.shape).map(([key, schema]) => fieldOf(key, schema))
}

function mark<Schema extends z.ZodType>(schema: Schema, take: Take, notes: FieldNotes): Schema {
  return schema.meta({ ...schema.meta(), ...notes, take })
}

function fieldOf(key: string, schema: z.core.$ZodType): Field {
  const layers = layersOf(schema)
  const innermost = layers.at(-1) ?? schema
  const notes = Object.assign({}, ...layers.map((layer) => z.globalRegistry.get(layer)).reverse())
  const type = innermost._zod.def.type
  const values = innermost instanceof z.ZodEnum ? innermost.options.map(String) : []
  return {
    key,
    take: notes.take ?? 'position',
    called: notes.called ?? key,
    expects: notes.expects ?? usualExpectation(type, values),
    type,
    values,
    required: !z.safeParse(schema, undefined).success,
    description: notes.description,
    accepts: (value) => z.safeParse(schema, value).success,
  }
}

/** The schema and what it wraps (`optional`, `default`, ...), from the outside in. */
function layersOf(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = schema._zod.def
  return 'innerType' in def && def.innerType instanceof z.ZodType
    ? [schema, ...layersOf(def.innerType)]
    : [schema]
}

function usualExpectation(type: string, values: readonly string[]): string | undefined {
  if (type === 'enum') return `one of ${values.join(', ')}`
  if (type === 'number') return 'a number'
  if (type === 'array') return 'a list such as 3,4'
  return undefined
}
