import { Problem } from '../kernel/problem.ts'
import type { Access } from './access.ts'
import type { AmbientRooms } from './ambient.ts'
import type { Asks } from './asks.ts'
import type { Attachments } from './attachments.ts'
import { Chat, type ChatParts } from './chat.ts'
import type { ChatRun } from './chat-run.ts'
import type { Role } from './command.ts'
import { CommandRunner } from './command-runner.ts'
import type { Guests } from './guests.ts'
import type { Entry, StoredQuestion } from './inbox.ts'
import { Lanes } from './lanes.ts'
import { type IncomingMessage, type Place, type Press, sessionOf } from './message.ts'
import { persist } from './persist.ts'
import { answerTo, keyOfQuestion, Questions } from './questions.ts'
import type { Registry } from './registry.ts'
import { type Route, Router } from './router.ts'

/** What the bot is made of. */
export interface BotParts extends Omit<ChatParts, 'chatRun'> {
  /** How it is called: its own name, and what the networks call it. */
  readonly names: readonly string[]
  readonly registry: Registry
  readonly access: Access
  /** Answers strangers who write directly; without it nobody does. */
  readonly guests?: Pick<Guests, 'knock'>
  /** Where every message is for the bot; nowhere where it is missing. */
  readonly ambient?: Pick<AmbientRooms, 'has'>
  /** The questions of agents that people may answer. */
  readonly asks?: Pick<Asks, 'read'>
  /** Brings the files that people send; without it they are left where they are. */
  readonly attachments?: Pick<Attachments, 'bring'>
  /** What answers free text; without it, a sentence says that nothing does. */
  readonly chatRun?: ChatRun
}

/** A message that is stored and waits for its turn. */
interface Turn {
  readonly entry: Entry
  readonly role: Role
  readonly text: string
  readonly route: Route
}

const noChat =
  'I understand commands only: `help` lists them. To have the rest answered, install Claude Code (`npm i -g @anthropic-ai/claude-code`) and start again.'

/**
 * The centre: takes messages from every network, and sees to it that each is answered once.
 *
 * Messages of one session are looked at in their order, one after the other; a control command
 * does not wait for the others. Free text goes on to the chat, which has an order of its own.
 */
export class Bot {
  readonly #parts: BotParts
  readonly #router: Router
  readonly #chat: Chat | undefined
  readonly #commands: CommandRunner
  readonly #questions: Questions
  readonly #closed = new AbortController()
  readonly #lanes = new Lanes<Turn>((turn) => this.#take(turn), this.#closed.signal)
  /** Control commands and changes of messages that are under way. */
  readonly #others = new Set<Promise<void>>()
  /** How many messages are being stored, and the last of them: it is not stored before the others. */
  #arriving = 0
  #arrival: Promise<unknown> = Promise.resolve()

  constructor(parts: BotParts) {
    this.#parts = parts
    this.#router = new Router(parts.registry, parts.names, parts.chatRun !== undefined)
    this.#chat = parts.chatRun && new Chat({ ...parts, chatRun: parts.chatRun })
    this.#questions = new Questions(parts.clock)
    this.#commands = new CommandRunner(
      { ...parts, questions: this.#questions },
      this.#closed.signal,
    )
  }

  /** True when every message is done and nothing runs. */
  get idle(): boolean {
    if (this.#arriving > 0 || !this.#lanes.idle || this.#others.size > 0) return false
    return this.#chat?.idle ?? true
  }

  /** Goes on with what an earlier program left unfinished. To be called before any `receive`. */
  start(): void {
    const { inbox } = this.#parts
    this.#questions.load(inbox)
    for (const entry of inbox.unfinished()) this.#admit(entry)
  }

  /**
   * Says something in a person's name: what they have asked to be said later. Part of the caller's
   * transaction; once that is stored, it is answered as if they had said it then, with the rights
   * that they have then. An event that was stored before is not handled again.
   */
  relay(message: IncomingMessage): void {
    const { inbox, store } = this.#parts
    const entry = inbox.add(message)
    if (entry) store.afterCommit(() => this.#admit(entry))
  }

  /**
   * Takes a message, and resolves when it is stored: then the network may be told that it has
   * arrived. A stranger's message, or one that is not for the bot, is not kept; an event that was
   * stored before is not handled again.
   */
  async receive(message: IncomingMessage): Promise<void> {
    const { access, guests } = this.#parts
    const role = access.roleOf(message.sender.id)
    if (role === undefined) return message.direct ? guests?.knock(message) : undefined
    if (!this.#isForBot(message)) return
    const stored = this.#parts.inbox.accept(message)
    this.#arrival = stored
    this.#arriving++
    try {
      const entry = await stored
      if (entry) this.#enter(entry, role)
    } finally {
      this.#arriving--
    }
  }

  /** Its sender has changed a message: one that still waits is answered as it is now. */
  edit(place: Place, eventId: string, text: string): Promise<boolean> {
    return this.#change(place, eventId, text)
  }

  /** Its sender has deleted a message: one that still waits is not answered. */
  remove(place: Place, eventId: string): Promise<boolean> {
    return this.#change(place, eventId, undefined)
  }

  /** Somebody has picked a choice: that is as good as a message with its words. */
  async choose({ message, choice, ...press }: Press): Promise<void> {
    const { key, choices } = this.#parts.outbox.find(message) ?? {}
    const text = choices?.[choice]?.label
    if (text === undefined) return
    const answers = key === undefined ? {} : { answers: key }
    await this.receive({ ...press, ...answers, text, addressed: true })
  }

  /** Ends the session's chat run and forgets the free text that waits; false when there was nothing. */
  async cancelChat(session: string): Promise<boolean> {
    const dropped = this.#lanes.drop(session, ({ route }) => route.kind === 'text')
    const cancelled = await this.#chat?.cancel(session)
    for (const { entry } of dropped) await this.#persist(() => this.#parts.inbox.done(entry.id))
    return cancelled === true || dropped.length > 0
  }

  /** Free text that waits for a moment to come is tried now: what it waits for may be over. */
  wakeChat(): void {
    this.#chat?.wake()
  }

  /** Cancels the chat runs and waits for the commands under way; what is unfinished stays stored. */
  async stop(): Promise<void> {
    this.#closed.abort()
    // Awaited from here on: what a full disk does not take rejects while the chat is stopping.
    const working = Promise.allSettled([...this.#others, ...this.#lanes.work])
    await this.#chat?.stop()
    for (const ended of await working) if (ended.status === 'rejected') throw ended.reason
  }

  /** In a room, the answer to the bot's own question counts without its name. */
  #isForBot(message: IncomingMessage): boolean {
    if (this.#router.isForBot(message) || this.#namesQuestion(message)) return true
    if (this.#parts.ambient?.has(message)) return true
    const question = this.#questions.find(message, message.sender.id)
    return question !== undefined && answerTo(question, message.text) !== undefined
  }

  /** So does the answer to an agent's, where it names that: who says "yes" may mean somebody else. */
  #namesQuestion({ text, ...place }: IncomingMessage): boolean {
    const said = this.#parts.asks?.read(text, place)
    return typeof said === 'string' && /\s|:/.test(text.trim())
  }

  /** Takes a message that was stored, if its sender is still served. */
  #admit(entry: Entry): void {
    const { access, inbox, store } = this.#parts
    const role = access.roleOf(entry.sender.id)
    if (role === undefined) store.transaction(() => inbox.done(entry.id))
    else if (!this.#closed.signal.aborted) this.#enter(entry, role)
  }

  #enter(entry: Entry, role: Role): void {
    const turn = this.#turnOf(entry, role)
    if (turn.route.kind === 'command' && turn.route.command.control) this.#track(this.#handle(turn))
    else this.#lanes.add(entry.session, turn)
  }

  #track(work: Promise<void> | undefined): void {
    if (!work) return
    const tracked = work.finally(() => this.#others.delete(tracked))
    this.#others.add(tracked)
  }

  #turnOf(entry: Entry, role: Role): Turn {
    const text = this.#router.textOf(entry.text)
    const answer = this.#parts.asks?.read(text, entry)
    const route: Route =
      answer instanceof Problem
        ? { kind: 'refusal', problem: answer }
        : this.#router.route(answer ?? text, entry.direct, role)
    return { entry, role, text, route }
  }

  #take(turn: Turn): Promise<void> | undefined {
    if (!turn.entry.files) return this.#handle(turn)
    return this.#withFiles(turn).then((whole) => this.#handle(whole))
  }

  /** The same message with a line for each of its files. */
  async #withFiles(turn: Turn): Promise<Turn> {
    const { attachments } = this.#parts
    const lines = (await attachments?.bring(turn.entry, this.#closed.signal)) ?? []
    const text = [turn.entry.text, ...lines].join('\n').trim()
    return this.#turnOf({ ...turn.entry, text }, turn.role)
  }

  /** Answers one message; nothing is returned where the chat has taken it. */
  #handle({ entry, role, text, route }: Turn): Promise<void> | undefined {
    const question = this.#questions.find(entry, entry.sender.id)
    if (entry.answers !== undefined && entry.answers !== (question && keyOfQuestion(question)))
      return this.#commands.reply(entry, 'That question is not open any more.')
    const answer = question && answerTo(question, text)
    if (question && answer === 'yes') return this.#confirm(question, entry, role)
    if (question && answer === 'no') return this.#commands.reply(entry, 'Left as it is.', question)
    switch (route.kind) {
      case 'command':
        return this.#commands.run({ entry, role, command: route.command, input: route.input })
      case 'refusal':
        return this.#commands.reply(entry, route.problem.message)
      case 'text':
        if (!this.#chat) return this.#commands.reply(entry, noChat)
        this.#chat.submit(entry, text, role)
        return undefined
    }
  }

  /** Runs the command again that asked, as its asker's role now allows. */
  #confirm(question: StoredQuestion, entry: Entry, role: Role): Promise<void> {
    const { route } = this.#turnOf(question.entry, role)
    if (route.kind === 'command')
      return this.#commands.run({
        entry,
        role,
        command: route.command,
        input: route.input,
        confirms: question,
      })
    const sentence = route.kind === 'refusal' ? route.problem.message : 'Left as it is.'
    return this.#commands.reply(entry, sentence, question)
  }

  async #change(place: Place, eventId: string, text: string | undefined): Promise<boolean> {
    // It may be of one that has come together with it.
    await this.#arrival
    const session = sessionOf(place)
    const id =
      this.#changeInLane(session, eventId, text) ??
      this.#chat?.change(session, eventId, text && this.#router.textOf(text))
    if (id === undefined) return false
    const { inbox } = this.#parts
    const stored = this.#persist(() => (text === undefined ? inbox.done(id) : inbox.edit(id, text)))
    this.#track(stored)
    await stored
    return true
  }

  #changeInLane(session: string, eventId: string, text: string | undefined): number | undefined {
    const isMeant = ({ entry }: Turn) => entry.eventId === eventId
    const changed =
      text === undefined
        ? this.#lanes.drop(session, isMeant)[0]
        : this.#lanes.replace(session, isMeant, ({ entry, role }) =>
            this.#turnOf({ ...entry, text }, role),
          )
    return changed?.entry.id
  }

  #persist(work: () => void): Promise<void> {
    return persist(this.#parts, this.#closed.signal, work)
  }
}
