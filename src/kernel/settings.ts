import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { parse, TomlError } from 'smol-toml'
import { z } from 'zod'
import { Problem } from './problem.ts'

/**
 * Reads a TOML file and fills in the schema's defaults; a file that is missing is an empty one.
 * Throws `Problem` `bad-settings`: a syntax error with its line, an unknown key with the nearest
 * known one, a wrong value with its key.
 */
export function readSettings<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): z.output<Schema> {
  const result = schema.safeParse(parseToml(file))
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new Problem(
    'bad-settings',
    `${basename(file)}: ${issue ? sentence(schema, issue) : 'not valid.'}`,
  )
}

function parseToml(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Problem('bad-settings', `${file} cannot be read: make it readable for this user.`, {
      cause,
    })
  }
  try {
    return parse(text)
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const reason = (cause.message.split('\n', 1)[0] ?? '').replace('Invalid TOML document: ', '')
    throw new Problem('bad-settings', `${basename(file)}, line ${cause.line}: ${reason}.`, {
      cause,
    })
  }
}

function sentence(schema: z.core.$ZodType, issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String)
  if (issue.code !== 'unrecognized_keys')
    return `\`${path.join('.')}\` does not fit: ${issue.message}.`
  const key = issue.keys[0] ?? ''
  const known = knownKeys(schema, path)
  const hint = known.length === 0 ? 'remove it' : `did you mean \`${closest(key, known)}\`?`
  return `\`${[...path, key].join('.')}\` is not a setting: ${hint}${hint.endsWith('?') ? '' : '.'}`
}

/** The keys of the table at `path`. */
function knownKeys(schema: z.core.$ZodType, path: readonly string[]): string[] {
  if (schema instanceof z.ZodObject) {
    const [key, ...further] = path
    if (key === undefined) return Object.keys(schema.shape)
    const field = schema.shape[key]
    return field ? knownKeys(field, further) : []
  }
  if (schema instanceof z.ZodArray) return knownKeys(schema.element, path.slice(1))
  const def = schema._zod.def
  return 'innerType' in def && def.innerType instanceof z.ZodType
    ? knownKeys(def.innerType, path)
    : []
}
