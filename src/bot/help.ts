import { allows } from './access.ts'
import { type Field, fieldsOf } from './arguments.ts'
import { type Command, type CommandGroup, commandGroups, type Role } from './command.ts'
import { fieldUsage, shortUsageOf, usageOf } from './usage.ts'

const headings: Record<CommandGroup, string> = {
  items: 'Work items',
  work: 'Work',
  look: 'Looking',
  agents: 'Agents',
  chat: 'Chat',
}

/** All commands that `role` may use, a line each, under their groups' headings. */
export function helpList(commands: readonly Command[], role: Role): string {
  const sections = commandGroups.flatMap((group) => {
    const lines = commands
      .filter((command) => command.group === group && allows(role, command.role))
      .map((command) => `- \`${shortUsageOf(command)}\` ${command.summary}`)
    return lines.length === 0 ? [] : [[`**${headings[group]}**`, ...lines].join('\n')]
  })
  return [...sections, 'Type `help COMMAND` for the whole of one.'].join('\n\n')
}

/** One command in full: usage, what it does, its arguments, other names and examples. */
export function helpOf(command: Command): string {
  const fields = fieldsOf(command.input).map(fieldHelp)
  const aliases = command.aliases ?? []
  const examples = command.examples ?? []
  return [
    `\`${usageOf(command)}\``,
    `${command.summary}.`,
    fields.join('\n'),
    aliases.length === 0 ? '' : `Also: ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`,
    examples.length === 0 ? '' : ['For example:', '```', ...examples, '```'].join('\n'),
  ]
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
}

function fieldHelp(field: Field): string {
  if (field.take === 'body') return `- further lines: ${field.description ?? field.called}`
  const meaning = [field.description, field.expects].filter((part) => part !== undefined).join(': ')
  return `- \`${fieldUsage(field)}\`${meaning === '' ? '' : ` ${meaning}`}`
}
