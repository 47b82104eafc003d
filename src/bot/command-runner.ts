import type { Command, CommandContext, Reply, Role } from './command.ts'
import type { Entry, Inbox, StoredQuestion } from './inbox.ts'
import type { Outbox } from './outbox.ts'
import { type Persistence, persist } from './persist.ts'
import { keyOfQuestion, type Questions, questionMs } from './questions.ts'
import { placeOf, replyTo, sentenceOf } from './replies.ts'

/** What commands are run with. */
export interface CommandRunnerParts extends Persistence {
  readonly inbox: Inbox
  readonly outbox: Outbox
  readonly questions: Questions
}

/** A message that is a command, and who said it. */
export interface CommandCall {
  readonly entry: Entry
  readonly role: Role
  readonly command: Command
  readonly input: Record<string, unknown>
  /** The command's own question that this message says yes to. */
  readonly confirms?: StoredQuestion
}

/** Runs commands: what one does, its reply and the mark that its message is done belong together. */
export class CommandRunner {
  readonly #parts: CommandRunnerParts
  readonly #signal: AbortSignal

  /** After `signal` is aborted, nothing is tried again that the disk does not take. */
  constructor(parts: CommandRunnerParts, signal: AbortSignal) {
    this.#parts = parts
    this.#signal = signal
  }

  /** Resolves when the command's reply is stored. */
  async run(call: CommandCall): Promise<void> {
    const { entry, command, input, confirms } = call
    const context = this.#contextOf(call)
    let asked: StoredQuestion | undefined
    try {
      if ('change' in command.run) {
        const { change } = command.run
        asked = await this.#parts.store.commit(() =>
          this.#finish(entry, change(input, context), confirms),
        )
      } else {
        const reply = await command.run.answer(input, context)
        asked = await this.#persist(() => this.#finish(entry, reply, confirms))
      }
    } catch (error) {
      await this.reply(
        entry,
        sentenceOf(error, this.#parts.log, { command: command.name, entry: entry.id }),
        confirms,
      )
    }
    if (confirms) this.#parts.questions.close(confirms)
    if (asked) this.#parts.questions.open(asked)
  }

  /** Answers a message with a sentence and is done with it, and with the question it answers. */
  async reply(entry: Entry, text: string, answers?: StoredQuestion): Promise<void> {
    await this.#persist(() => this.#finish(entry, text, answers))
    if (answers) this.#parts.questions.close(answers)
  }

  #contextOf({ entry, role, confirms }: CommandCall): CommandContext {
    const { store, outbox, clock } = this.#parts
    return {
      asker: entry.sender,
      role,
      place: placeOf(entry),
      session: entry.session,
      entry: entry.id,
      now: clock.now(),
      confirmed: confirms !== undefined,
      report: (text) => void store.transaction(() => outbox.enqueue(replyTo(entry, text))),
    }
  }

  /** Part of a transaction. Returns the question that the reply is, if it is one. */
  #finish(entry: Entry, reply: Reply, answers?: StoredQuestion): StoredQuestion | undefined {
    const { store, inbox, outbox, clock } = this.#parts
    inbox.done(entry.id)
    if (answers) inbox.answered(answers.entry.id)
    const { text, confirm, stored } = partsOf(reply)
    if (!confirm) {
      const message = outbox.enqueue(replyTo(entry, text))
      if (stored) store.afterCommit(() => stored(message))
      return undefined
    }
    const until = clock.now() + questionMs
    inbox.ask(entry.id, confirm.yes, until)
    outbox.enqueue({
      ...replyTo(entry, text),
      choices: [{ label: confirm.yes }, { label: 'No' }],
      key: keyOfQuestion({ entry }),
    })
    return { entry, yes: confirm.yes, until }
  }

  #persist<T>(work: () => T): Promise<T> {
    return persist(this.#parts, this.#signal, work)
  }
}

function partsOf(reply: Reply): Exclude<Reply, string> {
  return typeof reply === 'string' ? { text: reply } : reply
}
