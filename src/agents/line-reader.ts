const lineFeed = 10
const carriageReturn = 13

/** Beyond this many bytes a line is handed out in pieces, so that no output can fill the memory. */
const longestLine = 16 * 1024 * 1024

/**
 * Turns bytes, cut anywhere, into lines of text without their line ends (LF or CRLF). Bytes that
 * are not UTF-8 become replacement characters. How the stream was cut changes nothing.
 */
export class LineReader {
  readonly #limit: number
  readonly #decoder = new TextDecoder()
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
      const room = this.#limit - this.#partialLength
      const feed = rest.subarray(0, room).indexOf(lineFeed)
      const end = feed === -1 ? Math.min(room, rest.length) : feed + 1
      this.#keep(rest.subarray(0, end))
      rest = rest.subarray(end)
      if (feed !== -1 || this.#partialLength === this.#limit) lines.push(this.#take())
    }
    return lines
  }

  /** The last line, where it has no line end. */
  end(): string[] {
    return this.#partialLength === 0 ? [] : [this.#take()]
  }

  /** Copied, because the caller may use its buffer again. */
  #keep(bytes: Uint8Array): void {
    this.#partial.push(bytes.slice())
    this.#partialLength += bytes.length
  }

  #take(): string {
    const line = Buffer.concat(this.#partial)
    this.#partial = []
    this.#partialLength = 0
    this.#complete += line.length
    return this.#decoder.decode(line.subarray(0, textLength(line)))
  }
}

function textLength(line: Uint8Array): number {
  const last = line.length - 1
  if (line[last] !== lineFeed) return line.length
  return line[last - 1] === carriageReturn ? last - 1 : last
}
