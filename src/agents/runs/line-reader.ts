const lineFeed = 10

/** Beyond this many bytes a line is handed out in pieces, so that no output can fill the memory. */
const longestLine = 16 * 1024 * 1024

/**
 * Turns bytes, cut anywhere, into lines of text without their line ends (LF or CRLF). Bytes that
 * are not UTF-8 become replacement characters. How the stream was cut changes nothing.
 */
export class LineReader {
  readonly #limit: number
  #partial: Uint8Array[] = []
  #partialLength = 0
  #complete = 0

  constructor(limit = longestLine) {
    this.#limit = limit
  }

  /** How many bytes the lines handed out so far take up, line ends included. */
  get complete(): number {
    return this.#complete
  }

  /** The lines that `bytes` completes. */
  push(bytes: Uint8Array): string[] {
    const lines: string[] = []
    let rest = bytes
    while (rest.length > 0) {
      const whole = this.#partialLength === 0 ? rest.lastIndexOf(lineFeed) + 1 : 0
      if (whole > 0 && whole <= this.#limit) {
        lines.push(...this.#decode(rest.subarray(0, whole)))
        rest = rest.subarray(whole)
        continue
      }
      const room = this.#limit - this.#partialLength
      const feed = rest.subarray(0, room).indexOf(lineFeed)
      const end = feed === -1 ? Math.min(room, rest.length) : feed + 1
      this.#keep(rest.subarray(0, end))
      rest = rest.subarray(end)
      if (feed !== -1 || this.#partialLength === this.#limit) lines.push(...this.#take())
    }
    return lines
  }

  /** The last line, where it has no line end. */
  end(): string[] {
    return this.#partialLength === 0 ? [] : this.#take()
  }

  /** Copied, because the caller may use its buffer again. */
  #keep(bytes: Uint8Array): void {
    this.#partial.push(new Uint8Array(bytes))
    this.#partialLength += bytes.length
  }

  #take(): string[] {
    const line = Buffer.concat(this.#partial)
    this.#partial = []
    this.#partialLength = 0
    return this.#decode(line)
  }

  /**
   * Many lines at once, which takes a fraction of the time: no byte of a longer character is a line
   * feed. Only the last of them may be without its end.
   */
  #decode(bytes: Uint8Array): string[] {
    this.#complete += bytes.length
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    const lines = text.split('\n')
    const unfinished = lines.at(-1) ?? ''
    if (unfinished === '') lines.pop()
    // Looked for once, because hardly any program writes them.
    if (!text.includes('\r') && !text.includes(mark)) return lines
    return lines.map((line, index) => plain(line, index < lines.length - 1 || unfinished === ''))
  }
}

/** Some programs begin their output with a mark of its byte order. */
const mark = '\ufeff'

function plain(line: string, isWhole: boolean): string {
  const text = isWhole && line.endsWith('\r') ? line.slice(0, -1) : line
  return text.startsWith(mark) ? text.slice(1) : text
}
