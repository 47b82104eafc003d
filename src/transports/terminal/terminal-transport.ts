import type { Readable } from 'node:stream'
import type { Root } from 'mdast'
import { createColors } from 'picocolors'
import { type Receipt, SendFailure } from '../../bot/courier.ts'
import type { Choice, IncomingMessage, OutgoingMessage, Part, Place } from '../../bot/message.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Problem } from '../../kernel/problem.ts'
import { chosenLabel, degrade } from '../degrade.ts'
import { type Colours, renderTerminal } from '../markup/terminal.ts'
import type { Capabilities, Editing, Identity, Line, Transport, Typing } from '../transport.ts'
import type { CommandHint } from './completion.ts'
import { History } from './history.ts'
import { InteractiveScreen } from './interactive-screen.ts'
import { Output, type OutputStream } from './output.ts'
import { PipedScreen } from './piped-screen.ts'
import type { Screen } from './screen.ts'

/** What the terminal transport is made from. */
export interface TerminalOptions {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: OutputStream
  /** The operating system's name of who sits here. */
  readonly person: string
  readonly clock: Clock
  /** Keeps the ids of this start apart from those of every other. */
  readonly random: () => number
  /** `TERM` and `NO_COLOR` are obeyed. */
  readonly env: { readonly TERM?: string; readonly NO_COLOR?: string }
  /** What the tab key completes. */
  readonly commands: readonly CommandHint[]
  /** Where lines that were typed are kept for the next start; nowhere by default. */
  readonly historyFile?: string
  /** Called for Ctrl-C, when nothing is half typed. A script has no Ctrl-C: it gets a signal. */
  readonly onInterrupt: () => void
}

/** Why nothing more comes from the person. */
export type Ending =
  /** The input came to its end, and every message of it is stored. */
  | { readonly kind: 'input-ended' }
  /** Nobody reads the output any more. */
  | { readonly kind: 'output-gone' }
  /** A script's message could not be stored; it and those behind it were not handed in. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The program has closed the connection. */
  | { readonly kind: 'stopped' }

/** Talks with the one person at the terminal, or with the script that stands in for them. */
export class TerminalTransport implements Transport, Editing, Typing {
  readonly name = 'terminal'
  readonly capabilities: Capabilities
  /** The one conversation there is. */
  readonly place: Place
  /** Fulfilled, and never rejected, once the person can say no more: time to finish and stop. */
  readonly ended: Promise<Ending>
  readonly #end: (ending: Ending) => void
  readonly #person: string
  readonly #clock: Clock
  readonly #start: string
  readonly #output: Output
  readonly #colours: Colours
  readonly #screen: Screen
  readonly #stopping = new AbortController()
  #events = 0
  #choices: readonly Choice[] = []

  constructor(options: TerminalOptions) {
    const { output, person, clock, random, env } = options
    const ended = Promise.withResolvers<Ending>()
    this.ended = ended.promise
    this.#end = ended.resolve
    this.#person = person
    this.#clock = clock
    this.#start = Math.floor(random() * 2 ** 52).toString(36)
    this.place = { transport: this.name, room: person }
    this.#output = new Output(output)
    this.#colours = createColors(output.hasColors?.(env) ?? false)
    this.#screen = screenFor(options, this.#output, this.#colours)
    this.capabilities = capabilitiesOf(this.#screen)
  }

  identity(): Identity {
    return { id: 'terminal:huskies', name: 'Huskies' }
  }

  async connect({ listener, signal, reached }: Line): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#stopping.signal.addEventListener('abort', () => resolve())
    })
    signal.addEventListener('abort', () => this.#finish({ kind: 'stopped' }))
    this.#output.gone.then(() => this.#finish({ kind: 'output-gone' }))
    reached('connected')
    const reading = this.#read((message) => listener.receive(message)).then(
      () => this.#end({ kind: 'input-ended' }),
      (error: unknown) =>
        this.#end(
          error instanceof SendFailure ? { kind: 'output-gone' } : { kind: 'failed', error },
        ),
    )
    await closed
    await reading
  }

  parts(message: OutgoingMessage): readonly Part[] {
    const { isTTY, columns = 80 } = this.#output.stream
    if (!isTTY) return degrade(message, this.capabilities)
    const render = (tree: Root) => renderTerminal(tree, this.#colours, columns)
    return degrade(message, this.capabilities, { render, length: (text) => text.length })
  }

  async send(part: Part, signal: AbortSignal): Promise<Receipt> {
    await this.#screen.print(part.id, this.#shown(part), this.#until(signal))
    this.#choices = part.choices ?? this.#choices
    return { messageId: part.id }
  }

  async edit(messageId: string, part: Part, signal: AbortSignal): Promise<Receipt> {
    await this.#screen.update(messageId, this.#shown(part), this.#until(signal))
    this.#choices = part.choices ?? this.#choices
    return { messageId }
  }

  async typing(_place: Place, on: boolean): Promise<void> {
    this.#screen.busy(on)
  }

  async #read(receive: (message: IncomingMessage) => Promise<void>): Promise<void> {
    for await (const text of this.#screen.messages()) {
      const choices = this.#choices
      this.#choices = []
      const message = this.#message(chosenLabel(text, choices))
      try {
        await receive(message)
      } catch (error) {
        // A person can say it again; a script cannot.
        if (!(error instanceof Problem) || !this.#screen.interactive) throw error
        await this.#screen.print(message.eventId, error.message, this.#stopping.signal)
      }
    }
  }

  #message(text: string): IncomingMessage {
    return {
      ...this.place,
      eventId: `${this.#start}-${++this.#events}`,
      sender: { id: `terminal:${this.#person}`, name: this.#person },
      text,
      direct: true,
      addressed: true,
      at: this.#clock.now(),
    }
  }

  #shown({ room, text, formatted = text }: Part): string {
    if (room === this.place.room) return formatted
    throw new SendFailure('gone', `${room} does not sit at this terminal.`)
  }

  #until(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#stopping.signal])
  }

  #finish(ending: Ending): void {
    this.#stopping.abort()
    this.#screen.close()
    this.#end(ending)
  }
}

/** A terminal that cannot move its cursor is used like a pipe. */
function screenFor(options: TerminalOptions, output: Output, colours: Colours): Screen {
  const { input, env, commands, historyFile, onInterrupt } = options
  if (!input.isTTY || !output.stream.isTTY || env.TERM === 'dumb')
    return new PipedScreen(input, output)
  const history = new History(historyFile)
  return new InteractiveScreen(input, output, { colours, commands, history, onInterrupt })
}

/** One person can be shown what a screen can be changed to; through a pipe nothing is taken back. */
function capabilitiesOf(screen: Screen): Capabilities {
  return {
    edit: screen.interactive ? 'partial' : 'none',
    typing: screen.interactive ? 'full' : 'none',
    choices: 'partial',
    react: 'none',
    threads: 'none',
    files: 'none',
    delete: 'none',
    longestText: Number.MAX_SAFE_INTEGER,
    idempotentSend: false,
    rates: () => [],
    overallRates: [],
  }
}
