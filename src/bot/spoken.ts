import { type Field, fieldsOf } from './arguments.ts'
import type { Command } from './command.ts'

/** How a person would say this call of a command: what the parser reads as the same call. */
export function spoken(
  { name, input }: Pick<Command, 'name' | 'input'>,
  values: Readonly<Record<string, unknown>>,
): string {
  const given = fieldsOf(input).filter(({ key }) => values[key] !== undefined)
  const of = (take: Field['take']) => given.filter((field) => field.take === take)
  const words = [
    name,
    ...of('position').map(({ key }) => word(values[key])),
    ...of('option').flatMap(({ key, type }) => option(key, type, values[key])),
    ...of('rest').map(({ key }) => String(values[key])),
  ]
  return [words.join(' '), ...of('body').map(({ key }) => String(values[key]))].join('\n')
}

function option(key: string, type: string, value: unknown): string[] {
  if (type === 'boolean') return value === true ? [`--${key}`] : []
  return [`--${key}`, word(value)]
}

function word(value: unknown): string {
  const text = Array.isArray(value) ? value.join(',') : String(value)
  return /\s/.test(text) ? `"${text}"` : text
}
