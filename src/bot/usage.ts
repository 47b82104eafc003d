import { type Field, fieldsOf } from './arguments.ts'
import type { Command } from './command.ts'

/** How a command is typed: `create TYPE [priority low|normal|high] TITLE`. */
export function usageOf(command: Command): string {
  const fields = fieldsOf(command.input)
  const taking = (take: Field['take']) =>
    fields.filter((field) => field.take === take).map(fieldUsage)
  return [command.name, ...taking('position'), ...taking('option'), ...taking('rest')].join(' ')
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
