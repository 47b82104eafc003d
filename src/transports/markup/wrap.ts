import stringWidth from 'fast-string-width'

/**
 * Breaks text at its spaces into lines of at most `width` columns. A word that is wider stays whole,
 * so that a long address can be copied. Each line begins and ends its styles itself, so that what is
 * put before a line, or a line without its neighbours, is not drawn in the style of another.
 */
export function wrap(text: string, width: number): string {
  const lines = text.split('\n').flatMap((line) => wrapLine(line, width))
  return styledByThemselves(lines).join('\n')
}

function wrapLine(line: string, width: number): readonly string[] {
  const lines: string[] = []
  let current = ''
  let taken = 0
  for (const word of line.split(' ')) {
    const wide = stringWidth(word)
    if (taken > 0 && taken + 1 + wide > width) {
      lines.push(current)
      current = word
      taken = wide
    } else {
      current = current === '' ? word : `${current} ${word}`
      taken += taken > 0 ? 1 + wide : wide
    }
  }
  return [...lines, current]
}

/** The styles that are in use, each with the code that ends it. */
const endOf: Readonly<Record<string, string>> = { 1: '22', 2: '22', 3: '23', 4: '24', 9: '29' }
const endOfColour = '39'

function styledByThemselves(lines: readonly string[]): readonly string[] {
  let open: readonly string[] = []
  return lines.map((line) => {
    const before = open
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for our own escape sequences.
    for (const [, code = ''] of line.matchAll(/\x1b\[(\d+)m/g)) {
      const isEnd = code === endOfColour || Object.values(endOf).includes(code)
      open = isEnd ? open.filter((one) => ending(one) !== code) : [...open, code]
    }
    return `${before.map(sequence).join('')}${line}${open.map(ending).map(sequence).join('')}`
  })
}

function ending(code: string): string {
  return endOf[code] ?? endOfColour
}

function sequence(code: string): string {
  return `\x1b[${code}m`
}
