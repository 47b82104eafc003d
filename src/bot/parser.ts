/** A message taken apart as far as can be done without knowing the commands. */
export interface Call {
  /** The first word, in lower case. */
  readonly name: string
  /** The first line after that word. */
  readonly line: string
  /** The further lines; empty when there are none. */
  readonly body: string
}

/** One word of a line, or several that quotes hold together. */
export interface Word {
  readonly text: string
  readonly quoted: boolean
  /** Where it begins and ends in the line. */
  readonly start: number
  readonly end: number
}

/** Takes a message apart. Undefined when there is no word in it. */
export function parse(text: string): Call | undefined {
  const match = /^\s*\/?(\S+)[^\S\n]*([^\n]*)\n?/.exec(text)
  if (!match?.[1]) return undefined
  return {
    name: match[1].toLowerCase(),
    line: (match[2] ?? '').trimEnd(),
    body: match[0].length === text.length ? '' : text.slice(match[0].length).trimEnd(),
  }
}

const wordPattern = /"([^"]*)"(?!\S)|“([^”]*)”(?!\S)|'([^']*)'(?!\S)|\S+/g

/**
 * The first word of `line` at or after `from`. Quotes group words where they surround a whole one,
 * so that an apostrophe, or a quote inside a URL, is a character like any other.
 */
export function wordAt(line: string, from: number): Word | undefined {
  wordPattern.lastIndex = from
  const match = wordPattern.exec(line)
  if (!match) return undefined
  const inside = match[1] ?? match[2] ?? match[3]
  return {
    text: inside ?? match[0],
    quoted: inside !== undefined,
    start: match.index,
    end: match.index + match[0].length,
  }
}

/** All words of a line. */
export function wordsOf(line: string): Word[] {
  const words: Word[] = []
  for (let word = wordAt(line, 0); word; word = wordAt(line, word.end)) words.push(word)
  return words
}

/** Finds out whether a message begins with one of the bot's names, and what follows the name. */
export class NamePrefix {
  readonly #pattern: RegExp | undefined

  /** Only the names' letters and digits count: emoji and punctuation may be typed or left out. */
  constructor(names: readonly string[]) {
    const spelled = names
      .map((name) => (name.match(/[\p{L}\p{N}]+/gu) ?? []).join('[^\\p{L}\\p{N}]*'))
      .filter((name) => name !== '')
    if (spelled.length === 0) return
    this.#pattern = new RegExp(
      `^[^\\p{L}\\p{N}]*(?:${spelled.join('|')})(?![\\p{L}\\p{N}])[^\\p{L}\\p{N}]*`,
      'iu',
    )
  }

  /** The text after the name, from its first letter or digit on; undefined without the name. */
  strip(text: string): string | undefined {
    const match = this.#pattern?.exec(text)
    return match ? text.slice(match[0].length) : undefined
  }
}
