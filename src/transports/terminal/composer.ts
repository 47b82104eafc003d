import { tooLong } from './lines.ts'

/** Joins lines into messages: a line that ends in one `\` is continued by the next. */
export class Composer {
  readonly #longest: number
  #lines: string[] = []
  #length = 0

  /** A message of more than `longest` characters is not kept; `tooLong` comes in its place. */
  constructor(longest: number) {
    this.#longest = longest
  }

  /** Takes a line; returns the message that it ends, unless that is empty. */
  add(line: string | typeof tooLong): string | typeof tooLong | undefined {
    if (line === tooLong) this.#length = Number.POSITIVE_INFINITY
    const continued = line !== tooLong && /(?<!\\)\\$/.test(line)
    if (line !== tooLong) this.#keep(continued ? line.slice(0, -1) : line)
    return continued ? undefined : this.finish()
  }

  /** Returns what has come so far as a message, unless it is empty, and begins anew. */
  finish(): string | typeof tooLong | undefined {
    const message = this.#length > this.#longest ? tooLong : this.#lines.join('\n')
    this.clear()
    return message !== tooLong && message.trim() === '' ? undefined : message
  }

  /** Forgets what has come so far. */
  clear(): void {
    this.#lines = []
    this.#length = 0
  }

  /** True while a message waits for its next line. */
  get open(): boolean {
    return this.#length > 0
  }

  #keep(line: string): void {
    this.#length += line.length + 1
    if (this.#length > this.#longest) this.#lines = []
    else this.#lines.push(line)
  }
}
