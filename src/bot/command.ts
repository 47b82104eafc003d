import type { z } from 'zod'
import type { Person, Place } from './message.ts'

/** What somebody may do: look; change items and start agents; everything. */
export const roles = ['viewer', 'member', 'admin'] as const
export type Role = (typeof roles)[number]

/** The headings of `help`, in their order. */
export const commandGroups = ['items', 'work', 'look', 'agents', 'chat'] as const
export type CommandGroup = (typeof commandGroups)[number]

/** Who asks, where, and what a command may do beside answering. */
export interface CommandContext {
  readonly asker: Person
  readonly role: Role
  readonly place: Place
  readonly session: string
  /** The inbox's id of the message: the key of every effect outside the database. */
  readonly entry: number
  readonly now: number
  /** True when the asker has just answered this command's own question with yes. */
  readonly confirmed: boolean
  /** Says something later, in the same place: how a long command reports. Stored before it returns. */
  report(text: string): void
}

/**
 * A command's answer, in Markdown. With `confirm` it is a question: yes runs the command again. `stored`
 * is told the outbox's number of the answer, once it is stored.
 */
export type Reply =
  | string
  | {
      readonly text: string
      readonly confirm?: { readonly yes: string }
      readonly stored?: (message: number) => void
    }

/** A command's arguments: a zod object whose keys, in their order, are the positions. */
export type CommandInput = z.ZodObject

/**
 * A command is data: its input schema is the one source of its parser, its usage line and its help.
 *
 * How a field is read from chat is told by its zod metadata (`arguments.ts` has the helpers): a
 * position by default, `rest` takes what is left of the first line, `body` the further lines of the
 * message, `option` is given by name anywhere before the rest (`depends 3,4`).
 */
export interface Command<Input extends CommandInput = CommandInput> {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly group: CommandGroup
  /** One line, without a full stop. */
  readonly summary: string
  readonly role: Role
  readonly input: Input
  readonly examples?: readonly string[]
  /** Jumps the queue of its session: for what stops or answers something that is under way. */
  readonly control?: boolean
  /** Its answer is about the asker, or for them alone: where a network can, nobody else is shown it. */
  readonly personal?: boolean
  /** Only a person may say it: no agent runs it in somebody's name. */
  readonly byHand?: boolean
  readonly run: CommandRun<z.infer<Input>>
}

/**
 * `change` is synchronous and atomic: its effect, its reply and the mark that its message is done
 * are one transaction. `answer` may wait (for git, for a process); it reads, or keys what it does by
 * `context.entry`, since after a crash it is run again.
 */
type CommandRun<Input> =
  | { readonly change: (input: Input, context: CommandContext) => Reply }
  | { readonly answer: (input: Input, context: CommandContext) => Promise<Reply> }

/** Ties a command's handler to its own input type, then forgets that type for the registry. */
export function defineCommand<Input extends CommandInput>(command: Command<Input>): Command {
  return command as unknown as Command
}
