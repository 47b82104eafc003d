import { Problem } from '../kernel/problem.ts'
import { type Field, fieldsOf } from './arguments.ts'
import type { Command } from './command.ts'
import { type Call, type Word, wordAt, wordsOf } from './parser.ts'
import { usageOf } from './usage.ts'

/**
 * Reads what people type after one command's name, by that command's schema.
 *
 * Words become values of the schema's JSON types (`#12` a number, `3,4` a list), and zod judges
 * those: the same schema serves callers that send JSON.
 */
export class Reading {
  readonly #command: Command
  readonly #positions: readonly Field[]
  readonly #options: ReadonlyMap<string, Field>
  readonly #rest: Field | undefined
  readonly #body: Field | undefined

  constructor(command: Command) {
    const fields = fieldsOf(command.input)
    this.#command = command
    this.#positions = fields.filter((field) => field.take === 'position')
    this.#options = new Map(
      fields.filter((field) => field.take === 'option').map((field) => [field.key, field]),
    )
    this.#rest = fields.find((field) => field.take === 'rest')
    this.#body = fields.find((field) => field.take === 'body')
  }

  /** The command's input. Throws `Problem` `bad-arguments` with what is wrong and the usage. */
  read(call: Call): Record<string, unknown> {
    const values: Record<string, unknown> = {}
    const line = this.#options.size === 0 ? call.line : this.#takeFlags(call.line, values)
    const begin = line === '' ? 0 : this.#takeWords(line, values)
    let tail = line.slice(begin)
    if (this.#body) {
      if (call.body !== '') values[this.#body.key] = call.body
    } else if (call.body !== '') {
      tail = `${tail}\n${call.body}`
    }
    if (tail.trim() !== '') this.#takeRest(tail.trim(), values)
    return this.#judge(values)
  }

  /** Takes `--close` and its like out of the line, wherever they stand. */
  #takeFlags(line: string, values: Record<string, unknown>): string {
    if (!line.includes('--')) return line
    let kept = line
    for (const word of wordsOf(line).reverse()) {
      const field = word.quoted ? undefined : this.#option(word.text)
      if (field?.type !== 'boolean' || !word.text.startsWith('--')) continue
      values[field.key] = true
      kept = `${kept.slice(0, word.start).trimEnd()} ${kept.slice(word.end).trimStart()}`
    }
    return kept.trim()
  }

  /** Takes positions and options, and returns where the rest of the line begins. */
  #takeWords(line: string, values: Record<string, unknown>): number {
    if (this.#positions.length === 0 && this.#options.size === 0) return 0
    let position = 0
    let end = 0
    for (let word = wordAt(line, 0); word; word = wordAt(line, end)) {
      const option = this.#optionAt(word, line)
      const field = option ? undefined : this.#positions[position++]
      if (!option && !field) return word.start
      end = option?.end ?? word.end
      if (option) values[option.field.key] = option.value
      else if (field) values[field.key] = readValue(field, word.text)
    }
    return line.length
  }

  /**
   * The option that begins at `word`. Where free text may follow, a value that does not fit means
   * that the word is text: the title "priority queue" stays a title.
   */
  #optionAt(word: Word, line: string) {
    const field = word.quoted ? undefined : this.#option(word.text)
    if (!field || field.type === 'boolean') return undefined
    const next = wordAt(line, word.end)
    if (!next) return undefined
    const value = readValue(field, next.text)
    return this.#rest && !field.accepts(value) ? undefined : { field, value, end: next.end }
  }

  #option(word: string): Field | undefined {
    return this.#options.get(word.startsWith('--') ? word.slice(2) : word)
  }

  #takeRest(text: string, values: Record<string, unknown>): void {
    if (!this.#rest)
      throw this.#problem(
        `\`${this.#command.name}\` does not know what to do with "${brief(text)}"`,
      )
    const word = wordAt(text, 0)
    const whole = word?.quoted && word.end === text.length ? word.text : text
    values[this.#rest.key] = readValue(this.#rest, whole)
  }

  #judge(values: Record<string, unknown>): Record<string, unknown> {
    const result = this.#command.input.safeParse(values)
    if (result.success) return result.data
    const issue = result.error.issues[0]
    const key = String(issue?.path[0])
    const field = fieldsOf(this.#command.input).find((candidate) => candidate.key === key)
    const name = field?.take === 'option' ? key : (field?.called ?? key)
    const value = values[key]
    if (value === undefined)
      throw this.#problem(
        `\`${this.#command.name}\` needs ${field?.expects ? `${name}, ${field.expects}` : name}`,
      )
    throw this.#problem(
      field?.expects
        ? `${name} must be ${field.expects}, not "${brief(String(value))}"`
        : `${name} does not fit (${issue?.message})`,
    )
  }

  #problem(what: string): Problem {
    return new Problem('bad-arguments', `${what}; usage: \`${usageOf(this.#command)}\`.`)
  }
}

/** A word as the JSON value that its field is made of; left as it is where it cannot be one. */
function readValue(field: Field, word: string): unknown {
  if (field.type === 'number') return numberOf(word)
  if (field.type === 'array')
    return word
      .split(/[,\s]+/)
      .filter(Boolean)
      .map(numberOf)
  if (field.type === 'enum') {
    const value = word.toLowerCase()
    return field.values.includes(value) ? value : word
  }
  return word
}

function numberOf(word: string): number | string {
  return /^#?\d+(\.\d+)?$/.test(word) ? Number(word.replace('#', '')) : word
}

function brief(text: string): string {
  const line = text.split('\n', 1)[0] ?? ''
  return line.length > 40 ? `${line.slice(0, 40)}…` : line
}
