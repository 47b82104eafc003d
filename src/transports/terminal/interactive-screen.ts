import { createInterface, type Interface } from 'node:readline'
import { PassThrough, type Readable } from 'node:stream'
import type { Colours } from '../markup/terminal.ts'
import { type CommandHint, complete } from './completion.ts'
import { Composer } from './composer.ts'
import type { History } from './history.ts'
import { tooLong } from './lines.ts'
import type { Output } from './output.ts'
import { rowsOf } from './rows.ts'
import { longestMessage, refusal, type Screen } from './screen.ts'

/** What a person at a terminal can use. */
export interface Desk {
  readonly colours: Colours
  readonly commands: readonly CommandHint[]
  readonly history: History
  /** Called for Ctrl-C on an empty line. */
  readonly onInterrupt: () => void
}

/** The newest message, while it is still the last thing above the prompt. */
interface Newest {
  readonly messageId: string
  readonly lines: readonly string[]
  readonly columns: number
}

/** The terminal with a person at it: a prompt at the bottom, and above it what was said. */
export class InteractiveScreen implements Screen {
  readonly interactive = true
  readonly #input: Readable
  readonly #output: Output
  readonly #desk: Desk
  readonly #composer = new Composer(longestMessage)
  readonly #messages = new PassThrough({ objectMode: true })
  #reader: Interface | undefined
  #newest: Newest | undefined
  #busy = false

  constructor(input: Readable, output: Output, desk: Desk) {
    this.#input = input
    this.#output = output
    this.#desk = desk
  }

  messages(): AsyncIterable<string> {
    const reader = createInterface({
      input: this.#input,
      output: this.#output.stream,
      terminal: true,
      prompt: this.#prompt(),
      history: this.#desk.history.lines,
      removeHistoryDuplicates: true,
      completer: (line: string) => this.#complete(line),
    })
    reader.on('line', (line) => this.#add(line))
    reader.on('history', (lines) => this.#keep(lines))
    reader.on('SIGINT', () => this.#interrupt())
    reader.on('close', () => this.#leave())
    // A terminal that is closed under our feet is the end of the input, as Ctrl-D is.
    this.#input.on('error', () => reader.close())
    this.#reader = reader
    reader.prompt()
    return this.#messages
  }

  print(messageId: string, text: string, signal: AbortSignal): Promise<void> {
    const lines = text.split('\n')
    this.#newest = { messageId, lines, columns: this.#columns }
    return this.#paint(lines, 0, signal)
  }

  update(messageId: string, text: string, signal: AbortSignal): Promise<void> {
    const newest = this.#newest
    const lines = text.split('\n')
    const kept = newest?.messageId === messageId ? equalLines(newest.lines, lines) : -1
    const stale = newest && kept >= 0 ? rowsOf(newest.lines.slice(kept), this.#columns) : 0
    if (kept < 0 || newest?.columns !== this.#columns || !this.#onScreen(stale))
      return this.print(messageId, `${this.#desk.colours.dim('Updated:')}\n${text}`, signal)
    this.#newest = { ...newest, lines }
    return this.#paint(lines.slice(kept), stale, signal)
  }

  busy(on: boolean): void {
    this.#busy = on
    this.#refresh()
  }

  close(): void {
    this.#reader?.close()
    this.#messages.end()
  }

  #add(line: string): void {
    this.#newest = undefined
    const message = this.#composer.add(line)
    if (message === tooLong) this.#note(refusal)
    else if (message !== undefined) this.#messages.write(message)
    this.#refresh()
  }

  #keep(lines: readonly string[]): void {
    try {
      this.#desk.history.keep(lines)
    } catch (error) {
      this.#note(`What you type is not remembered for the next start: ${(error as Error).message}`)
    }
  }

  /** As in a shell, Ctrl-C first takes back what is half typed. */
  #interrupt(): void {
    if (this.#reader?.line === '' && !this.#composer.open) {
      this.#desk.onInterrupt()
      return
    }
    this.#composer.clear()
    this.#reader?.write(null, { ctrl: true, name: 'e' })
    this.#reader?.write(null, { ctrl: true, name: 'u' })
    this.#refresh()
  }

  #leave(): void {
    this.#output.stream.write(this.#toPrompt(0))
    this.#reader = undefined
    const last = this.#composer.finish()
    if (typeof last === 'string') this.#messages.write(last)
    this.#messages.end()
  }

  #complete(line: string): [string[], string] {
    const completion = complete(line, this.#desk.commands)
    if (completion.kind === 'usage') this.#note(completion.usage)
    const names = completion.kind === 'names' ? completion.names : []
    // Several names are listed below the message by the reader.
    if (names.length > 1) this.#newest = undefined
    return [names.map((name) => `${name} `), line]
  }

  /** Says something of the terminal itself, which is not part of the conversation. */
  #note(text: string): void {
    this.#newest = undefined
    this.#output.stream.write(`${this.#toPrompt(0)}${this.#desk.colours.dim(text)}\n`)
    this.#repaintPrompt()
  }

  /** Writes lines above the prompt, over the `erased` rows there. */
  #paint(lines: readonly string[], erased: number, signal: AbortSignal): Promise<void> {
    const text = lines.map((line) => `${line}\n`).join('')
    const written = this.#output.write(this.#toPrompt(erased) + text, signal)
    this.#repaintPrompt()
    return written
  }

  #refresh(): void {
    this.#output.stream.write(this.#toPrompt(0))
    this.#repaintPrompt()
  }

  /** Draws the prompt and what is half typed, from where the cursor is. */
  #repaintPrompt(): void {
    if (!this.#reader) return
    // The reader would go up by the rows of its last repaint, which a paste does not even count.
    Object.assign(this.#reader, { prevRows: 0 })
    this.#reader.setPrompt(this.#prompt())
    this.#reader.prompt(true)
  }

  /** Moves to the first column, `above` rows over the prompt, and clears the screen from there on. */
  #toPrompt(above: number): string {
    const rows = above + (this.#reader?.getCursorPos().rows ?? 0)
    return `${rows > 0 ? `\x1b[${rows}A` : ''}\r\x1b[J`
  }

  #prompt(): string {
    const mark = this.#composer.open ? '. ' : '> '
    return this.#busy ? `${this.#desk.colours.dim('working')} ${mark}` : mark
  }

  /** Whether the last `rows` rows above the prompt can still be reached. */
  #onScreen(rows: number): boolean {
    const typed = rowsOf([this.#prompt() + (this.#reader?.line ?? '')], this.#columns)
    return rows + typed <= (this.#output.stream.rows ?? 0)
  }

  get #columns(): number {
    return this.#output.stream.columns ?? 80
  }
}

/** How many lines two messages have in common before the first that differs. */
function equalLines(before: readonly string[], after: readonly string[]): number {
  const different = before.findIndex((line, index) => line !== after[index])
  return different === -1 ? before.length : different
}
