/** Stands for a line that was longer than allowed, and was left out. */
export const tooLong = Symbol('too long')

const lineFeed = 0x0a

/**
 * Cuts a stream of bytes into lines, without their line ends (LF or CRLF). What follows the last
 * line feed counts as a line. Bytes that are not UTF-8 become U+FFFD. A line of more than `longest`
 * bytes is never held in memory: `tooLong` comes in its place.
 */
export async function* readLines(
  input: AsyncIterable<Buffer | string>,
  longest: number,
): AsyncGenerator<string | typeof tooLong> {
  let pieces: Buffer[] = []
  let size = 0
  const add = (piece: Buffer) => {
    size += piece.length
    if (size > longest) pieces = []
    else pieces.push(piece)
  }
  const take = () => {
    const line = size > longest ? tooLong : Buffer.concat(pieces).toString().replace(/\r$/, '')
    pieces = []
    size = 0
    return line
  }
  for await (const chunk of input) {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    for (let end = rest.indexOf(lineFeed); end !== -1; end = rest.indexOf(lineFeed)) {
      add(rest.subarray(0, end))
      yield take()
      rest = rest.subarray(end + 1)
    }
    add(rest)
  }
  if (size > 0) yield take()
}
