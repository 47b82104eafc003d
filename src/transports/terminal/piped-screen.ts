import type { Readable } from 'node:stream'
import { Composer } from './composer.ts'
import { readLines, tooLong } from './lines.ts'
import type { Output } from './output.ts'
import { longestMessage, refusal, type Screen } from './screen.ts'

/** The terminal without a person at it: each line read is a message, each reply is lines written. */
export class PipedScreen implements Screen {
  readonly interactive = false
  readonly #input: Readable
  readonly #output: Output
  #closed = false

  constructor(input: Readable, output: Output) {
    this.#input = input
    this.#output = output
  }

  async *messages(): AsyncGenerator<string> {
    const composer = new Composer(longestMessage)
    for await (const line of this.#lines()) {
      const message = composer.add(line)
      if (message === tooLong) await this.#output.write(`${refusal}\n`)
      else if (message !== undefined) yield message
    }
    const last = composer.finish()
    if (typeof last === 'string' && !this.#closed) yield last
  }

  print(_messageId: string, text: string, signal: AbortSignal): Promise<void> {
    return this.#output.write(`${text}\n`, signal)
  }

  update(messageId: string, text: string, signal: AbortSignal): Promise<void> {
    return this.print(messageId, `Updated:\n${text}`, signal)
  }

  busy(): void {}

  close(): void {
    this.#closed = true
    this.#input.destroy()
  }

  async *#lines(): AsyncGenerator<string | typeof tooLong> {
    try {
      yield* readLines(this.#input, longestMessage)
    } catch (error) {
      // Closing destroys the input, which its reader sees as a premature end.
      if (!this.#closed) throw error
    }
  }
}
