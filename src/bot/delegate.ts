import type { Clock } from '../kernel/clock.ts'
import { Problem } from '../kernel/problem.ts'
import type { Store } from '../store/store.ts'
import { allows } from './access.ts'
import type { ChatBatch } from './chat-run.ts'
import type { Command, CommandContext, Reply } from './command.ts'
import type { IncomingMessage, Person } from './message.ts'
import type { Outbox } from './outbox.ts'
import { spoken } from './spoken.ts'

export interface DelegateParts {
  readonly store: Pick<Store, 'commit' | 'transaction'>
  readonly outbox: Pick<Outbox, 'enqueue'>
  readonly clock: Clock
  /** Has something said in a person's name; part of a transaction. */
  readonly relay: (message: IncomingMessage) => void
}

/** Undoes what led to a question: nothing is done before it is answered. */
class Asked extends Error {}

/**
 * Runs commands for people who did not type them: at the wish of the agent that answers them, with
 * their rights and in their name. A command that wants to be confirmed is said in the chat as if they
 * had typed it, so that they are asked themselves, and never the agent.
 */
export class Delegate {
  readonly #parts: DelegateParts
  #said = 0

  constructor(parts: DelegateParts) {
    this.#parts = parts
  }

  /** Whether the askers of a batch may have this command run by an agent. */
  offers({ role }: ChatBatch, command: Command): boolean {
    return command.byHand !== true && allows(role, command.role)
  }

  /** The command's answer. `input` has passed its schema. Throws `Problem` as the command does. */
  async run(command: Command, input: Record<string, unknown>, batch: ChatBatch): Promise<string> {
    const asker = askerOf(batch)
    if (!this.offers(batch, command))
      throw new Problem('not-allowed', `\`${command.name}\` is not for you to be run.`)
    const context = this.#contextOf(batch, asker)
    try {
      const { run } = command
      if ('answer' in run) return textOf(await run.answer(input, context))
      return await this.#parts.store.commit(() => textOf(run.change(input, context)))
    } catch (error) {
      if (!(error instanceof Asked)) throw error
      await this.#haveConfirmed(spoken(command, input), batch, asker)
      return `${asker.name} is asked in the chat whether to do that, and it is done if the answer is yes. Do not try it in another way.`
    }
  }

  #contextOf({ role, place, session, entry }: ChatBatch, asker: Person): CommandContext {
    const { store, outbox, clock } = this.#parts
    return {
      asker,
      role,
      place,
      session,
      entry,
      now: clock.now(),
      confirmed: false,
      report: (text) => void store.transaction(() => outbox.enqueue({ ...place, text })),
    }
  }

  #haveConfirmed(text: string, { place, entry }: ChatBatch, sender: Person): Promise<void> {
    const { store, clock, relay } = this.#parts
    const eventId = `huskies/chat/${entry}/${clock.now()}/${++this.#said}`
    const at = clock.now()
    return store.commit(() =>
      relay({ ...place, eventId, sender, text, at, direct: true, addressed: true }),
    )
  }
}

/** People of the same role are answered together: what they want is done in the name of the first. */
function askerOf({ askers }: ChatBatch): Person {
  const [first] = askers
  if (!first) throw new Error('nobody has asked')
  return { id: first.id, name: askers.map(({ name }) => name).join(' and ') }
}

function textOf(reply: Reply): string {
  if (typeof reply === 'string') return reply
  if (reply.confirm) throw new Asked()
  return reply.text
}
