import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'fast-string-width'

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** How many rows of a screen the lines take, where a row has `columns` columns. */
export function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + rowsOfLine(line, columns), 0)
}

/** A wide character that does not fit into the last column moves to the next row. */
function rowsOfLine(line: string, columns: number): number {
  let rows = 1
  let column = 0
  for (const { segment } of characters.segment(stripVTControlCharacters(line))) {
    const width = stringWidth(segment)
    if (column + width > columns) {
      rows += 1
      column = 0
    }
    column += width
  }
  return rows
}
