/** What the terminal must know of a command to complete its name. */
export interface CommandHint {
  readonly name: string
  readonly aliases?: readonly string[]
  /** One line, for instance `story TITLE`. */
  readonly usage: string
}

/** What the tab key offers: the rest of a name, or how the command that is there already is used. */
export type Completion =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'usage'; readonly usage: string }

/** Completes the first word of `line`, in any case; further words are answered with the usage. */
export function complete(line: string, commands: readonly CommandHint[]): Completion {
  const [word = '', ...further] = line.toLowerCase().split(/\s+/)
  if (further.length > 0) {
    const command = commands.find((one) => namesOf(one).includes(word))
    return command ? { kind: 'usage', usage: command.usage } : { kind: 'names', names: [] }
  }
  const names = commands.flatMap(namesOf).filter((name) => name.startsWith(word))
  return { kind: 'names', names: names.sort() }
}

function namesOf(command: CommandHint): readonly string[] {
  return [command.name, ...(command.aliases ?? [])]
}
