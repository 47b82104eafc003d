import { stripVTControlCharacters } from 'node:util'

/** Keeps the first and the last bytes of an output of any length. */
export class BoundedOutput {
  readonly #headLimit: number
  readonly #tailLimit: number
  #head = Buffer.alloc(0)
  #tail = Buffer.alloc(0)
  #omitted = 0

  constructor(headLimit = 8_192, tailLimit = 24_576) {
    this.#headLimit = headLimit
    this.#tailLimit = tailLimit
  }

  add(bytes: Uint8Array): void {
    const room = this.#headLimit - this.#head.length
    if (room > 0) this.#head = Buffer.concat([this.#head, bytes.subarray(0, room)])
    const tail = Buffer.concat([this.#tail, bytes.subarray(Math.max(0, room))])
    const excess = Math.max(0, tail.length - this.#tailLimit)
    this.#omitted += excess
    this.#tail = tail.subarray(excess)
  }

  /** As text without a terminal's control sequences, with a line that says how much was left out. */
  get text(): string {
    const gap = this.#omitted > 0 ? `\n[... ${this.#omitted} bytes left out ...]\n` : ''
    return stripVTControlCharacters(`${this.#head}${gap}${this.#tail}`)
  }
}

/** The first and the last bytes of a text, as `BoundedOutput` keeps them. */
export function headAndTail(text: string, headLimit: number, tailLimit: number): string {
  const output = new BoundedOutput(headLimit, tailLimit)
  output.add(Buffer.from(text))
  return output.text
}

/** The last lines of a text, at most `lines` of them and `limit` characters. */
export function lastLines(text: string, lines: number, limit: number): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n').slice(-limit)
}
