import { Problem } from '../kernel/problem.ts'
import { allows } from './access.ts'
import type { Command, Role } from './command.ts'
import type { IncomingMessage } from './message.ts'
import { type Call, NamePrefix, parse } from './parser.ts'
import type { Registry } from './registry.ts'

/** What a message is: a command with its input, one that cannot be obeyed, or free text. */
export type Route =
  | { readonly kind: 'command'; readonly command: Command; readonly input: Record<string, unknown> }
  | { readonly kind: 'refusal'; readonly problem: Problem }
  | { readonly kind: 'text' }

/** Decides what a message is, from its text alone. */
export class Router {
  readonly #registry: Registry
  readonly #name: NamePrefix
  readonly #chats: boolean

  /** `chats` tells whether free text is answered: only then is doubtful text left to the chat. */
  constructor(registry: Registry, names: readonly string[], chats: boolean) {
    this.#registry = registry
    this.#name = new NamePrefix(names)
    this.#chats = chats
  }

  /** Whether the message is for the bot: in a room it must name the bot, or the network says so. */
  isForBot(message: IncomingMessage): boolean {
    return message.direct || message.addressed || this.#name.strip(message.text) !== undefined
  }

  /** The text without the bot's name in front of it. */
  textOf(text: string): string {
    return (this.#name.strip(text) || text).trim()
  }

  route(text: string, direct: boolean, role: Role): Route {
    const call = parse(text)
    if (!call) return { kind: 'text' }
    const known = this.#registry.find(call.name)
    if (!known) return this.#unknown(call, text, direct)
    const { command } = known
    if (!allows(role, command.role)) {
      if (this.#chats && isProse(text)) return { kind: 'text' }
      return refusal(
        'not-allowed',
        `\`${command.name}\` is for ${command.role}s, and you are a ${role} here: ask an admin.`,
      )
    }
    try {
      return { kind: 'command', command, input: known.read(call) }
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      // "Start by telling me what you can do" begins like a command and is none.
      return this.#chats && isProse(text) ? { kind: 'text' } : { kind: 'refusal', problem: error }
    }
  }

  /** Offers the nearest command where somebody seems to have mistyped one; prose is left alone. */
  #unknown(call: Call, text: string, direct: boolean): Route {
    if (!direct || isProse(text)) return { kind: 'text' }
    const limit = Math.min(2, Math.floor(call.name.length / (this.#chats ? 3 : 2)))
    const nearest = this.#registry.nearest(call.name, limit)
    if (nearest === undefined) return { kind: 'text' }
    return refusal(
      'unknown-command',
      `There is no command \`${call.name}\`: did you mean \`${nearest}\`? \`help\` lists them all.`,
    )
  }
}

function refusal(code: string, sentence: string): Route {
  return { kind: 'refusal', problem: new Problem(code, sentence) }
}

/** Longer than a mistyped command, or punctuated like a sentence. */
function isProse(text: string): boolean {
  const words = text.split(/\s+/)
  return words.length > 4 || /[.?!…]$/.test(text) || (words[0] ?? '').endsWith(',')
}
