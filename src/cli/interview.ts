import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Problem } from '../kernel/problem.ts'

/** Asks the person at the terminal, one question after the other. */
export class Interview implements Disposable {
  #hidden = false
  readonly #reader
  readonly #left = new AbortController()

  constructor() {
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        if (this.#hidden) done()
        else process.stdout.write(chunk, () => done())
      },
    })
    this.#reader = createInterface({ input: process.stdin, output, terminal: true })
    this.#reader.on('close', () => this.#left.abort())
  }

  /** The answer, without spaces around it. Throws `Problem` `left` for Ctrl-C and Ctrl-D. */
  async ask(question: string, secret = false): Promise<string> {
    const prompt = `${question}: `
    if (secret) process.stdout.write(prompt)
    this.#hidden = secret
    try {
      return (await this.#reader.question(prompt, { signal: this.#left.signal })).trim()
    } catch (cause) {
      throw new Problem('left', 'Nothing more was asked: what was written until then is kept.', {
        cause,
      })
    } finally {
      this.#hidden = false
      if (secret) process.stdout.write('\n')
    }
  }

  [Symbol.dispose](): void {
    this.#reader.close()
  }
}
