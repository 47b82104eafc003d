import { type Field, fieldsOf } from './arguments.ts'
import type { Command } from './command.ts'

/** As much of a command as its usage is made from. */
type Described = Pick<Command, 'name' | 'input'>

/** How a command is typed: `create TYPE [priority low|normal|high] TITLE`. */
export function usageOf(command: Described): string {
  return usageWith(command, ['position', 'option', 'rest'])
}

/** The same without options, for a list: `create TYPE TITLE`. */
export function shortUsageOf(command: Described): string {
  return usageWith(command, ['position', 'rest'])
}

function usageWith(command: Described, order: readonly Field['take'][]): string {
  const fields = fieldsOf(command.input)
  const words = order.flatMap((take) => fields.filter((field) => field.take === take))
  return [command.name, ...words.map(fieldUsage)].join(' ')
}

/** How one field is typed; brackets where it may be left out. */
export function fieldUsage(field: Field): string {
  const form = formOf(field)
  return field.required ? form : `[${form}]`
}

function formOf(field: Field): string {
  if (field.type === 'boolean') return `--${field.key}`
  const value =
    field.called === field.key && field.values.length > 0 ? field.values.join('|') : label(field)
  return field.take === 'option' ? `${field.key} ${value}` : value
}

function label(field: Field): string {
  return field.required || field.take === 'option' ? field.called.toUpperCase() : field.called
}
