import { type ChatRun, Postponed } from './chat-run.ts'
import type { Role } from './command.ts'
import { Dispatcher, type Held } from './dispatcher.ts'
import type { Entry, Inbox } from './inbox.ts'
import type { Person, Place } from './message.ts'
import type { Outbox } from './outbox.ts'
import { type Persistence, persist } from './persist.ts'
import { placeOf, replyTo, sentenceOf } from './replies.ts'
import type { BotSettings } from './settings.ts'

/** What free text is answered with. */
export interface ChatParts extends Persistence {
  readonly inbox: Inbox
  readonly outbox: Outbox
  readonly chatRun: ChatRun
  /** Shows or hides that an answer is being worked out; a failure is of no consequence. */
  readonly typing?: (place: Place, on: boolean) => void
  readonly settings: Pick<BotSettings, 'coalesce_window_ms' | 'coalesce_max_ms' | 'max_chat_runs'>
}

const cutOff = 'I was cut off while I answered. Here is the answer again:'

/** One free-text message on its way to an answer. */
interface Utterance {
  readonly entry: Entry
  readonly text: string
  readonly role: Role
}

/** Has free text answered: the dispatcher's batches, from the inbox through a chat run to the outbox. */
export class Chat {
  readonly #parts: ChatParts
  readonly #dispatcher: Dispatcher<Utterance>
  readonly #closed = new AbortController()

  constructor(parts: ChatParts) {
    this.#parts = parts
    this.#dispatcher = new Dispatcher<Utterance>(
      {
        windowMs: parts.settings.coalesce_window_ms,
        maxMs: parts.settings.coalesce_max_ms,
        maxRuns: parts.settings.max_chat_runs,
        together: (one, next) =>
          one.role === next.role && one.entry.interrupted?.batch === next.entry.interrupted?.batch,
        run: (_session, batch, signal) => this.#answer(batch, signal),
      },
      parts.clock,
    )
  }

  get idle(): boolean {
    return this.#dispatcher.idle
  }

  submit(entry: Entry, text: string, role: Role): void {
    const depth = this.#dispatcher.submit(entry.session, { entry, text, role })
    this.#parts.log.debug({ session: entry.session, depth }, 'Free text waits to be answered.')
  }

  /** Changes a message that waits, or drops it where there is no text. Returns its number. */
  change(session: string, eventId: string, text: string | undefined): number | undefined {
    const changed = this.#dispatcher.change(
      session,
      (utterance) => utterance.entry.eventId === eventId,
      (utterance) => (text === undefined ? undefined : { ...utterance, text }),
    )
    return changed?.entry.id
  }

  /** Cancels the session's run and everything that waits; false when there was nothing. */
  async cancel(session: string): Promise<boolean> {
    const { ran, dropped } = await this.#dispatcher.stop(session)
    if (dropped.length > 0) await this.#done(dropped)
    return ran || dropped.length > 0
  }

  /** What waits for a moment to come is tried now. */
  wake(): void {
    this.#dispatcher.wake()
  }

  /** Cancels every run; their messages stay in the inbox, to be answered by the next program. */
  async stop(): Promise<void> {
    this.#closed.abort()
    await this.#dispatcher.close()
  }

  async #answer(
    batch: readonly Utterance[],
    signal: AbortSignal,
  ): Promise<Held<Utterance> | undefined> {
    const { inbox, outbox, store, chatRun, typing, log } = this.#parts
    const [first] = batch
    if (!first) return undefined
    const ids = batch.map(({ entry }) => entry.id)
    const { interrupted } = first.entry
    let said = false
    const say = (text: string) => {
      if (signal.aborted) return
      const texts = interrupted?.said && !said ? [cutOff, text] : [text]
      said = true
      store.transaction(() => {
        for (const each of texts) outbox.enqueue({ ...placeOf(first.entry), text: each })
        inbox.said(ids)
      })
    }
    await this.#persist(() => inbox.begin(ids))
    typing?.(placeOf(first.entry), true)
    let sentence: string | undefined
    try {
      if (!signal.aborted) await chatRun.run(chatBatch(batch, first), say, signal)
    } catch (error) {
      if (error instanceof Postponed && !signal.aborted)
        return await this.#postpone(batch, error, said || interrupted?.said === true)
      sentence = signal.aborted ? undefined : sentenceOf(error, log, { messages: ids })
    } finally {
      typing?.(placeOf(first.entry), false)
    }
    if (!this.#closed.signal.aborted) await this.#done(batch, sentence)
    return undefined
  }

  /** The batch as a later run or program finds it; its people are told once, whoever finds it. */
  async #postpone(
    batch: readonly Utterance[],
    { message, until }: Postponed,
    said: boolean,
  ): Promise<Held<Utterance> | undefined> {
    const [first] = batch
    const last = batch.at(-1)
    if (!first || !last) return undefined
    const key = `postponed:${first.entry.id}:${until}`
    await this.#persist(() => this.#parts.outbox.enqueue({ ...replyTo(last.entry, message), key }))
    const interrupted = { batch: first.entry.id, said }
    return {
      batch: batch.map(({ entry, ...rest }) => ({ ...rest, entry: { ...entry, interrupted } })),
      until,
    }
  }

  #done(batch: readonly Utterance[], sentence?: string): Promise<void> {
    const { inbox, outbox } = this.#parts
    return this.#persist(() => {
      const last = batch.at(-1)
      if (last && sentence !== undefined) outbox.enqueue(replyTo(last.entry, sentence))
      for (const { entry } of batch) inbox.done(entry.id)
    })
  }

  #persist(work: () => void): Promise<void> {
    return persist(this.#parts, this.#closed.signal, work)
  }
}

function chatBatch(batch: readonly Utterance[], first: Utterance) {
  const askers = new Map<string, Person>(batch.map(({ entry }) => [entry.sender.id, entry.sender]))
  const text = batch
    .map((said) => (askers.size > 1 ? `${said.entry.sender.name}: ${said.text}` : said.text))
    .join('\n\n')
  return {
    session: first.entry.session,
    place: placeOf(first.entry),
    text,
    askers: [...askers.values()],
    role: first.role,
    entry: first.entry.id,
    interrupted: first.entry.interrupted !== undefined,
  }
}
