import { z } from 'zod'
import type { Clock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import type { Store } from '../store/store.ts'
import { type Access, allows } from './access.ts'
import type { Command, CommandContext, Reply } from './command.ts'
import type { Inbox } from './inbox.ts'
import { type Person, type Place, sessionOf } from './message.ts'
import type { Outbox } from './outbox.ts'
import type { Registry } from './registry.ts'

export interface PersonCallsParts {
  readonly store: Store
  readonly inbox: Pick<Inbox, 'add' | 'done'>
  readonly outbox: Pick<Outbox, 'enqueue'>
  readonly access: Pick<Access, 'roleOf'>
  readonly registry: Pick<Registry, 'find'>
  readonly clock: Clock
  /** From 0 up to 1. */
  readonly random: () => number
  /** Where what is reported later is said. */
  readonly place: Place
}

/** A command that somebody calls from a program of theirs. */
export interface PersonCall {
  readonly command: string
  /** By the names of its arguments. */
  readonly input: unknown
  /** They have seen the command's question and say yes to it. */
  readonly confirmed: boolean
}

/** What a command answers; with `confirm` nothing is done yet, and it asks whether it shall be. */
export interface CallAnswer {
  readonly text: string
  readonly confirm?: string
}

/**
 * Runs commands for people who call them from programs of their own, with their rights as they are now.
 * Throws `Problem`: `no-such-command`, `not-allowed`, `bad-arguments`, and what the command itself throws.
 */
export class PersonCalls {
  readonly #parts: PersonCallsParts

  constructor(parts: PersonCallsParts) {
    this.#parts = parts
  }

  async run(person: Person, call: PersonCall): Promise<CallAnswer> {
    const { store, access, registry } = this.#parts
    const command = registry.find(call.command)?.command
    const role = access.roleOf(person.id)
    if (!role) throw new Problem('not-allowed', 'Nobody serves you any more: ask an admin.')
    if (!command)
      throw new Problem('no-such-command', `There is no command "${call.command}": ask for help.`)
    if (!allows(role, command.role))
      throw new Problem(
        'not-allowed',
        `"${command.name}" is for ${command.role}s, and you are a ${role} here: ask an admin.`,
      )
    const input = inputOf(command, call.input)
    const entry = await store.commit(() => this.#enter(person, command))
    const context = { ...this.#contextOf(person, entry), role, confirmed: call.confirmed }
    const { run } = command
    if ('answer' in run) return answerOf(await run.answer(input, context))
    return store.commit(() => answerOf(run.change(input, context)))
  }

  /** It is an event like every other, done as soon as it is there: a program asks again by itself. */
  #enter(sender: Person, { name: text }: Command): number {
    const { inbox, place, clock, random } = this.#parts
    const at = clock.now()
    const eventId = `http/${at}/${Math.floor(random() * 2 ** 48)}`
    const entry = inbox.add({ ...place, eventId, sender, text, at, direct: true, addressed: true })
    if (!entry) throw new Error('an event has come twice')
    inbox.done(entry.id)
    return entry.id
  }

  #contextOf(asker: Person, entry: number): Omit<CommandContext, 'role' | 'confirmed'> {
    const { store, outbox, place, clock } = this.#parts
    return {
      asker,
      place,
      session: sessionOf(place),
      entry,
      now: clock.now(),
      report: (text) => void store.transaction(() => outbox.enqueue({ ...place, text })),
    }
  }
}

function inputOf(command: Command, input: unknown): Record<string, unknown> {
  const read = command.input.safeParse(input)
  if (read.success) return read.data
  throw new Problem('bad-arguments', `The arguments do not fit: ${z.prettifyError(read.error)}`)
}

function answerOf(reply: Reply): CallAnswer {
  if (typeof reply === 'string') return { text: reply }
  const { text, confirm } = reply
  return { text, ...(confirm && { confirm: confirm.yes }) }
}
