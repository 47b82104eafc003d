import { distance } from 'fastest-levenshtein'
import type { Command } from './command.ts'
import type { Call } from './parser.ts'
import { Reading } from './reading.ts'

/** A command that was found by its name, ready to read its arguments. */
export interface Known {
  readonly command: Command
  /** The command's input. Throws `Problem` `bad-arguments`. */
  read(call: Call): Record<string, unknown>
}

/** All commands, by name and alias: the one table for every network. */
export class Registry {
  readonly commands: readonly Command[]
  readonly #byName = new Map<string, Known>()

  /** Throws where two commands share a name: that is a fault of the program. */
  constructor(commands: readonly Command[]) {
    this.commands = commands
    for (const command of commands) {
      const reading = new Reading(command)
      const known: Known = { command, read: (call) => reading.read(call) }
      for (const name of [command.name, ...(command.aliases ?? [])]) {
        if (this.#byName.has(name)) throw new Error(`Two commands are called "${name}".`)
        this.#byName.set(name, known)
      }
    }
  }

  /** Finds a command by its name or alias, in upper or lower case; the cost does not grow with their number. */
  find(name: string): Known | undefined {
    return this.#byName.get(name) ?? this.#byName.get(name.toLowerCase())
  }

  /** The name or alias nearest to a mistyped one, at most `limit` slips away. */
  nearest(name: string, limit: number): string | undefined {
    let best: string | undefined
    let least = limit + 1
    for (const known of this.#byName.keys()) {
      const away = slips(name.toLowerCase(), known)
      if (away >= least) continue
      best = known
      least = away
    }
    return best
  }
}

/** How many letters are wrong; two that changed places are the commonest slip, and count as one. */
function slips(typed: string, meant: string): number {
  const at = [...meant].findIndex((letter, index) => typed[index] !== letter)
  const mended = `${typed.slice(0, at)}${typed[at + 1]}${typed[at]}${typed.slice(at + 2)}`
  return mended === meant ? 1 : distance(typed, meant)
}
